"""Folders of files (images, documents) as datasets: a manifest with one row for each file, the bytes by content.

A version of kind `FILES` is a table of paths, sizes, digests and times; the bytes stand once each in the artifact
store, whatever their paths and in however many versions they are. Blobs that a manifest names are named in the tree
of files, too (`datasets/<name>/<digest>`), so that garbage collection spares them and backups hold them.

Path of an addition: `add_folder` → `scan_folder` (what is there) → `StatCache` (what has changed) → the artifact store
(changed files) → the tree's names → `DatasetCatalog.write` (the manifest). Path back: `check_out`.
"""

from __future__ import annotations

from millwright.data.files.adding import Added, add_folder
from millwright.data.files.checkout import Link, check_out
from millwright.data.files.difference import FilesDifference, compare_files
from millwright.data.files.naming import release_files

__all__ = ["Added", "FilesDifference", "Link", "add_folder", "check_out", "compare_files", "release_files"]
