"""Runs every edit's step through joblib's memory: `python joblib_driver.py PROJECT HOME SLUG …`."""

from __future__ import annotations

import sys
from importlib import import_module

from joblib import Memory

_, home, *slugs = sys.argv[1:]
memory = Memory(home, verbose=0)
for slug in slugs:
    memory.cache(import_module(f"{slug}.step").work)(3)
