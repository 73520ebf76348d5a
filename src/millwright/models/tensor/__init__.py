"""Arrays of numbers as values: images, signals, token ids; one array for each row and column of type `TENSOR`.

| module | thing |
|---|---|
| `value` | a value that came from anywhere as an array of its column's shape and type, or what is wrong with it |
| `series` | such columns in tables (lists and arrays of Arrow), and back |
| `sample` | an example input, given as arrays, as a table |
| `graph` | an ONNX graph with one input for each column |

Path of a request: `Signature.check_rows` → `Signature.complete` (lists become arrays) → `Model.compute_rows` →
`feed.feeds_of_rows` → `TensorFlavor.compute_tensors` → `Outcome.rows`. There is no encoder: arrays reach the model as
they are, in the type that it takes.
"""
