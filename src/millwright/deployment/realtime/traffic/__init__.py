"""How a serving process takes part in rollouts: it divides requests, counts what becomes of them, and shows them on.

Hops of a divided request: application → `chooser.WeightedChooser` → arm → inference → `samples.OutputSamples`.
"""
