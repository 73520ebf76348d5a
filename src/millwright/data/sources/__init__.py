"""Sources: where tables come from, each kind in its own module, loaded on use.

Path of a read: `open_source` (finds the kind, the files and their digests) → the kind's reader → `SourceTable`.
"""
