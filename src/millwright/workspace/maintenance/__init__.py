"""Care for a workspace's stores: garbage collection, backup and restore.

Path of a collection (3 hops): `collect` → the stores purge what was deleted long ago → blobs that no record names go.
Path of a backup (3 hops): `back_up` → `SnapshotStore.dump`, then the blobs that it names → one folder or zip file.
"""

from __future__ import annotations
