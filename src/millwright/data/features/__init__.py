"""Features: defined once, computed for training as they were known at each row's moment, and kept online.

- `definition` has the public classes; `catalog` records them, `checking` and `leak_check` refuse what is wrong.
- `view_rows` gives a view's rows, which everything else is made from; `as_of` joins them, `features_at` for all views.
- `window` aggregates events, `online` brings values to where predictions are made.
- `point_in_time`, `leakage`: histories and checks for tables without definitions.

Paths of the main use cases:

- record: `FeatureCatalog.apply` → `closure` → `problems` → one record transaction (definitions, lineage, audit).
- training set: `FeatureCatalog.training_set` → `TrainingSets.make` → `features_at` → `as_of`, once per view and keys.
"""
