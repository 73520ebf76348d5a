"""The packaged model: what it takes, how raw rows become numbers, how it is stored, compiled and asked.

| module | thing |
|---|---|
| `task`, `column`, `signature`, `check`, `conform`, `typed` | what a model takes and answers; checks of rows, tables |
| `policy`, `rules`, `completion` | what becomes of absent, missing and unseen values |
| `feature`, `encoder`, `rowcoder`, `moment` | raw columns to one float32 matrix, for tables and single rows alike |
| `model`, `outcome`, `predictor`, `graph` | a fitted model; numbers to answers; an engine ready to answer |
| `function` | models that are Python code |
| `explanation` | what each column contributed to a prediction |
| `adoption` | a model that was fitted elsewhere, as a model here |
| `package`, `archive` | one deterministic ZIP, safe to load from anywhere |
| `flavors` | what is particular to a library: scikit-learn, LightGBM, XGBoost, ONNX, those that packages add |
| `compile` | lowering to ONNX, proven equal or refused |
| `serializer` | models as outputs of pipeline steps |

Paths of the main use cases:

- predict a table: `Model.predict` → `Encoder.encode` → `conform` → the estimator → `Outcome.frame`
- answer a request: `Signature.check_rows` (`RowChecker`); `OnnxPredictor.predict_rows` → `RowCoder.encode` →
  ONNX Runtime → `Outcome.rows`
- store: `compile.compilation.compile_model`; `package.pack` → `Flavor.dump` → `archive.write_archive`
- load: `package.load_predictor` → `archive.read_archive` → `OnnxPredictor`, or `Flavor.load` (which judges the
  bytes before the library sees them) → `NativePredictor`; then the package's own example is tried
"""
