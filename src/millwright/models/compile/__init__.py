"""Lowering models to ONNX, and proving that the result answers alike.

`compilation.compile_model` → `Flavor.convert` (skl2onnx, onnxmltools) → `edge.edge_rows` (what the sample lacks) →
both engines answer the same rows → `comparison.compare` → a `Compilation`, proven or refused with the reason. Only a
proven one is served.
"""
