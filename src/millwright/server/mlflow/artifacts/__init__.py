"""Files: the proxied tree, uploads in parts, and the files of runs, models and versions."""

from __future__ import annotations
