"""Which code a result depends on, as a digest: what a function reaches, and nothing else.

The fingerprint of a function covers its source and, transitively, every function, class and module-level constant of
the user's project that it reaches; of third-party packages their versions; of the standard library nothing. Sources
are compared as syntax without comments, docstrings, annotations, formatting and the names of local variables; names of
parameters count where callers may use them.

Path: `Fingerprinter.of` → `Walk` (numbers what is reached, in the order it is reached, so that neither names of modules
nor paths count) → `Inspector` (one thing's own text and what it refers to) → `syntax`, `reference`, `origin`.

Not seen: what is reached by a name made at run time (`getattr(module, name)` falls back to the whole module, with a
warning), attributes set on instances from outside, files and environment variables read behind the function's back.
"""

from __future__ import annotations

from millwright.pipelines.fingerprint.fingerprinter import Fingerprint, Fingerprinter

__all__ = ["Fingerprint", "Fingerprinter"]
