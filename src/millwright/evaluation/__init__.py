"""Evaluation: what a model is worth on rows it has not seen, and whether that is enough to go on.

| module | thing |
|---|---|
| `metrics` | the metrics, each a function of many weighted copies of one sample; `catalog` finds them by name |
| `scoring`, `baseline` | a model's answers beside the truth; the model to beat |
| `interval` | bootstrap intervals, and the paired difference of two models |
| `slices`, `explanation`, `curve` | metrics per part of the rows; importances of raw columns; lines of the plots |
| `report`, `evaluate` | the record of a test; the test itself |
| `plots`, `section`, `presentation`, `page`, `summary` | figures; self-contained HTML; Markdown for model cards |
| `gates` | one file per gate; `file` reads and writes `gates.yaml`, `check` runs them |

Paths of the main use cases:

- evaluate a model: `evaluate.evaluate` → `scoring.score` → `metrics.catalog.measure`, `interval.confidence_intervals`,
  `slices.slice_metrics`, `explanation.permutation_importances`, `curve.curves`
- check gates: `gates.file.load_gates`; `gates.check.check_gates` → the gate's `evaluate`
- show a report: `page.evaluation_page` → `presentation.evaluation_sections` → `plots.figure.figures` →
  `page.html_report`
"""
