"""Ingestion: sources become versions of datasets, whole or what is new in them.

Path of an increment: `Ingestion.add` → the stored cursor → what is new (`new_files`, `cursor_column`, `change_feed`)
→ `DatasetCatalog.write`, which records the version and the next cursor in one transaction.
"""
