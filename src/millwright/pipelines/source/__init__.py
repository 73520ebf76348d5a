"""Pipelines in users' files: loaded with their helpers, kept with a run, restored to be run again.

Path of a load: `load_pipeline` → `ImportScope` (the project's own modules, apart from those of other projects and of
other versions of this one) → the module, compiled from its text → the `Pipeline` in it.
"""

from __future__ import annotations

from millwright.pipelines.source.loading import load_module, load_pipeline
from millwright.pipelines.source.scope import ImportScope
from millwright.pipelines.source.snapshot import restore_code, snapshot_code

__all__ = ["ImportScope", "load_module", "load_pipeline", "restore_code", "snapshot_code"]
