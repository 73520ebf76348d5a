from __future__ import annotations

import sys

import pytest

from millwright.models.function.isolation import IsolatedModules


def _bundle(number: int) -> IsolatedModules:
    return IsolatedModules(
        {
            "scorer.py": (
                b"from __future__ import annotations\nfrom dataclasses import dataclass\n"
                b"import json, parts.inner as inner\nfrom parts import inner as again\n"
                b"@dataclass\nclass Row:\n    value: int\n\n"
                b"def answer():\n    import helper\n    return helper.VALUE\n"
            ),
            "helper.py": f"VALUE = {number}\n".encode(),
            "parts/inner.py": b"from . import leaf\nNAME = __name__\n",
            "parts/leaf.py": b"",
        }
    )


def test_modules_of_equal_names_live_side_by_side() -> None:
    first, second = _bundle(1), _bundle(2)

    assert (first.get("scorer").answer(), second.get("scorer").answer()) == (1, 2)
    assert first.get("scorer").Row(value=3).value == 3
    assert first.get("scorer").inner is first.get("scorer").again
    assert not {"scorer", "helper", "parts"} & set(sys.modules)


def test_closed_modules_are_forgotten_and_keep_working() -> None:
    before, finders = set(sys.modules), list(sys.meta_path)
    bundle = _bundle(1)
    module = bundle.get("scorer")
    assert module.answer() == 1

    bundle.close()

    assert (set(sys.modules) - before, sys.meta_path) == (set(), finders)
    assert module.Row(value=1).value == 1
    with pytest.raises(ImportError):
        bundle.get("scorer")


def test_traceback_shows_the_line_in_the_model() -> None:
    bundle = IsolatedModules({"broken.py": b"def answer():\n    raise ValueError('here')\n"})
    with pytest.raises(ValueError, match="here") as caught:
        bundle.get("broken").answer()

    assert str(caught.traceback[-1].path) == "<model>/broken.py"
    bundle.close()


def test_modules_are_not_taken_for_files() -> None:
    bundle = _bundle(1)

    assert getattr(bundle.get("helper"), "__file__", None) is None
    bundle.close()
