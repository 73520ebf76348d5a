"""Datasets: tables read from files, and kept as numbered versions that never change.

Path of an ingest: `DatasetCatalog.ingest` → `open_source` → `table_of` → `write` → `delta.commit` → records.
"""
