"""Runs every edit's step as a cached node of Hamilton: `python hamilton_driver.py PROJECT HOME SLUG …`."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from hamilton import ad_hoc_utils, driver

_, home, *slugs = sys.argv[1:]
for slug in slugs:
    # A module of its own for the one function: all functions of the file would be nodes otherwise.
    module = ad_hoc_utils.create_temporary_module(import_module(f"{slug}.step").work)
    built = driver.Builder().with_modules(module).with_cache(path=str(Path(home, slug))).build()
    built.execute(["work"], inputs={"number": 3})
