"""Training: from a raw table to the best model that fair trials find.

| module | thing |
|---|---|
| `split` | a training and a test part, by time or at random |
| `task`, `target`, `triage`, `table` | what is asked, and which rows and columns can be learned from |
| `candidate` | the kinds of models to try, one file each |
| `options`, `search`, `folds`, `validation`, `trial` | which parameters to try next, and how well they do |
| `problem`, `sampling` | rows as arrays; which rows when there are too many |
| `tuning`, `record` | all of it together, and what is told about it |
| `observer` | each trial as a run |

Path of the main use case: `tuning.tune` → `table.prepare` → `Search.propose` → `Experimenter.run` →
`CrossValidator.score` (folds in threads) → `TrialObserver`; then the best is fitted on all rows and becomes a `Model`.
"""
