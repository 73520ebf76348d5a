"""Datasets: tables kept as numbered versions that never change.

Path of a write: `DatasetCatalog.write` → `WritePlan` → `VersionWriter.write` → `append`, `merge`, `overwrite` (files) →
`Change.commit` → records. Path of a read: `Dataset.read` → `open_snapshot` → `Snapshot.read`.
"""
