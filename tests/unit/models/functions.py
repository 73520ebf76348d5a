"""A Python function as users write them: a module with a class, beside a package that it imports."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_SCORER = '''
from __future__ import annotations

import json

import numpy as np
import sklearn  # noqa: F401

from millwright.models.function import PythonModel
from parts import weights as weighing
import parts.words


class Delay(PythonModel):
    """Days late: a weight per borough, from a file."""

    def load(self, context):
        self.weights = json.loads((context.artifacts / "weights.json").read_text())

    def predict(self, frame, params):
        from parts.late import late  # imported when it is needed

        by_borough = frame["borough"].replace_strict(self.weights, default=0.0, return_dtype=float)
        return late(frame, by_borough * params["factor"]) + parts.words.count(frame["note"]) + weighing.NOTHING


class Late(Delay):
    """The probability of being late."""

    def predict(self, frame, params):
        return 1 / (1 + np.exp(-np.asarray(super().predict(frame, params)) / 10))


class Wrong(PythonModel):
    """Whatever its parameters ask for."""

    def predict(self, frame, params):
        if params["what"] == "raise":
            raise ValueError("no idea")
        rows = len(frame)
        return {"text": ["a"] * rows, "nan": [float("nan")] * rows, "shape": [[1.0, 2.0, 3.0]]}[params["what"]]
'''

_FILES = {
    "parts/__init__.py": "",
    "parts/weights.py": "NOTHING = 0.0\n",
    "parts/late.py": (
        "from .weights import NOTHING\n\ndef late(frame, added):\n    return frame['days'] + added + NOTHING\n"
    ),
    "parts/words.py": "def count(texts):\n    return texts.str.len_chars().fill_null(0) * 0.0\n",
    "parts/unused.py": "raise RuntimeError('never imported')\n",
    "train.py": "raise RuntimeError('the training code')\n",
}

ROWS = pl.DataFrame(
    {"days": [10, 20, 2**53 + 1], "borough": ["Bronx", "Queens", None], "note": ["some words", None, "more"]}
)
WEIGHTS = '{"Bronx": 5.0, "Queens": 1.0}'


def delay_module(folder: Path, monkeypatch: pytest.MonkeyPatch, *, change: tuple[str, str] = ("", "")) -> Any:
    """The module, imported from a folder; it goes with the test.

    Args:
        folder: Anything empty or new.
        monkeypatch: Of the test.
        change: A text in the module's source, and what stands there instead.
    """
    for name, text in {**_FILES, "scorer.py": _SCORER.replace(*change) if change[0] else _SCORER}.items():
        (folder / "code" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "code" / name).write_text(text)
    (folder / "artifacts").mkdir(exist_ok=True)
    (folder / "artifacts" / "weights.json").write_text(WEIGHTS)
    monkeypatch.syspath_prepend(str(folder / "code"))
    for name in [name for name in sys.modules if name.partition(".")[0] in {"scorer", "parts"}]:
        monkeypatch.delitem(sys.modules, name)
    importlib.invalidate_caches()
    module = importlib.import_module("scorer")
    for name in [name for name in sys.modules if name.partition(".")[0] in {"scorer", "parts"}]:
        kept = sys.modules.pop(name)
        monkeypatch.setitem(sys.modules, name, kept)
    return module
