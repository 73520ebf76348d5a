"""Data: where tables come from, what must hold for them, what is in them, and what may be used for prediction.

- `datasets` reads files and keeps every table as a numbered version (a Delta table and a record).
- `contracts` says what must hold for a table, sets aside the rows that break it, and can be inferred from a table.
- `profile` describes a table's columns.
- `features` guards against knowledge from the future.

Paths of the main use cases:

- ingest a file: `DatasetCatalog.ingest` → `open_source` (bytes, digest) → `table_of` (bytes to text columns) →
  `DatasetCatalog.write` → `delta.commit` (rows) → one record transaction (version, lineage, audit).
- read a version: `Dataset.read` → `delta.read_version`.
- check a table: `validate` → `parse_columns` (text to types) → `find_breaches` (one mask per expectation).
"""
