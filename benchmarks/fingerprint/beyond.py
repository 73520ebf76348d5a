"""What changes a result and is no source that a step could be seen to reach; the documentation says so."""

# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.fingerprint.edit import Kind, edit, step

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.fingerprint.edit import Edit

DOUBLE = "def scale(value):\n    return value * 2\n"
DATA = step('return float(Path(__file__).with_name("rate.txt").read_text())', "from pathlib import Path")
NAMED = step(
    'found = importlib.import_module(".".join([__package__, "help" + "er"]))\nreturn float(found.scale(number))',
    "import importlib",
)
DESCRIBED = 'def scale(value):\n    """A text."""\n    return value'


def _edit(name: str, files: Mapping[str, str], *changes: tuple[str, str, str]) -> Edit:
    return edit(Kind.BEYOND, name, files, *changes)


BEYOND = (
    _edit("file read by the step, undeclared", DATA | {"rate.txt": "1.5\n"}, ("rate.txt", "1.5", "2.5")),
    _edit("module imported by a name made at run time", NAMED | {"helper.py": DOUBLE}, ("helper.py", "* 2", "* 3")),
    _edit("code evaluated from text", step('return float(eval("sca" + "le(number)"))', DOUBLE), ("step.py", "* 2", "* 3")),
    _edit("name looked up among the globals", step('return float(globals()["sca" + "le"](number))', DOUBLE), ("step.py", "* 2", "* 3")),
    _edit("docstring that the step reads", step("return float(len(scale.__doc__))", DESCRIBED), ("step.py", "A text.", "Another text.")),
)  # fmt: skip
