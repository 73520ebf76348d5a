"""Models over arrays that were fitted elsewhere: their signature from an example input, and the proof of their form.

`adoption.adopt_tensors` → `TensorFlavor.adopt_tensors` (the graph) → the model answers the sample → `comparing` (the
user's own object answers alike, also for the arrays of `edge`).
"""
