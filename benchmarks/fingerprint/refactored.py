"""Code that reads otherwise and gives the same: running a step again is allowed, and not counted as a mistake."""

# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.fingerprint.edit import Kind, edit
from benchmarks.fingerprint.harmless import PROJECT

if TYPE_CHECKING:
    from benchmarks.fingerprint.edit import Edit


def _edit(name: str, *changes: tuple[str, str, str]) -> Edit:
    return edit(Kind.REFACTORED, name, PROJECT, *changes)


REFACTORED = (
    _edit("helper renamed", ("helper.py", "def tidy", "def neat"), ("step.py", "tidy", "neat")),
    _edit("constant renamed", ("deep.py", "FACTOR", "SHIFT"), ("helper.py", "FACTOR", "SHIFT")),
    _edit("parameter of a helper renamed", ("helper.py", "tidy(value):", "tidy(given):"), ("helper.py", "moved = value +", "moved = given +")),
    _edit("helper imported under another name", ("step.py", "Store, tidy", "Store, tidy as neat"), ("step.py", "tidy(each)", "neat(each)")),
    _edit("module imported in place of its names", ("step.py", "from .helper import Store, tidy", "from . import helper"), ("step.py", "tidy(each)", "helper.tidy(each)"), ("step.py", "Store()", "helper.Store()")),
    _edit("method added that nobody calls", ("helper.py", "    def read", "    def write(self, key):\n        self.rows[key] = 1\n\n    def read")),
)  # fmt: skip
