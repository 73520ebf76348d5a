"""Data: where tables come from, what must hold for them, what is in them, and what may be used for prediction.

- `sources` reads tables from files, databases, topics and memory, one module per kind.
- `ingestion` makes versions of sources, whole or of what is new in them.
- `datasets` keeps every table as a numbered version (a Delta table and a record).
- `contracts` says what must hold for a table, sets aside the rows that break it, and can be inferred from a table.
- `profiles` describe the columns of each version, exactly or by summaries that can be merged.
- `files` keeps folders of images and documents as datasets: a manifest by version, the bytes by content.
- `lineage` walks what something came from and what came of it, down to columns.
- `versions` names, compares, expires and erases what datasets keep.
- `features` defines what models learn from, once, and gives it as it was known at a moment, in training and online.

Paths of the main use cases:

- ingest a source: `Ingestion.add` → `open_source` (what is there, its digest) → `load` (its rows) →
  `DatasetCatalog.write` → `VersionWriter.write` → files, `Change.commit` → one record transaction (version, lineage,
  audit).
- read a version: `Dataset.read` → `open_snapshot` → `Snapshot.read`.
- check a table: `validate` → `parse_columns` (text to types) → `find_breaches` (one mask per expectation).
"""
