"""How the estimators of each library are stored and loaded without running foreign code.

One module per library; each has `dump_estimator(estimator) -> bytes` and `load_estimator(data, …)`.
`sklearn` goes: `archive.read_archive` → `inspection.inspect_schema` → skops → `soundness.check_soundness`.
"""
