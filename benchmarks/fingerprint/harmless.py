"""Edits after which every result is the same: a step that runs again does so for nothing."""

# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

from benchmarks.fingerprint.edit import SITE, Edit, Kind, edit

PROJECT = {
    "step.py": '''
        """Steps."""

        import math
        import statistics

        from mark import ran

        from .helper import Store, tidy

        LIMIT = 10
        UNRELATED = 1


        def other(values):
            return statistics.mean(values) + UNRELATED


        def work(number: int) -> float:
            """What it does."""
            # A comment.
            ran("SLUG")
            total: float = 0.0
            for each in range(number):
                total += tidy(each) * LIMIT
            squares = [value * value for value in range(number)]
            squares.sort(key=lambda area: -area)

            def lifted(given, by):
                return given + by

            total = lifted(total, by=1)
            try:
                Store().read("b")
            except KeyError as error:
                total += len(error.args)
            return total + math.sqrt(sum(squares)) + Store().read('a')
        ''',
    "helper.py": '''
        """Helpers."""

        from .deep import FACTOR, scale


        def tidy(value):
            """Tidy."""
            moved = value + FACTOR

            def again(given):
                return given + (lambda one: one - 1)(moved)

            return total(scale(again(moved)), 1)


        def total(*values):
            return sum(values)


        def unused(value):
            return value


        class Store:
            """Keeps numbers."""

            rows = {"a": 1000}

            def read(self, key):
                return self.rows[key]
        ''',
    "deep.py": """
        from typing import Optional

        FACTOR = 3


        def scale(value: float, by: Optional[float] = None) -> float:
            return value * (by or 1.5)


        def never(value):
            return value
        """,
}
PACKAGES = PROJECT | {
    f"{SITE}apart/__init__.py": "",
    f"{SITE}apart-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: apart\nVersion: 1.0\n",
}


def _edit(name: str, *changes: tuple[str, str, str]) -> Edit:
    return edit(Kind.HARMLESS, name, PROJECT, *changes)


def _crlf() -> Edit:
    before = _edit("x").before
    after = {path: text.replace("\n", "\r\n") for path, text in before.items()}
    return Edit(name="line ends of Windows", kind=Kind.HARMLESS, before=before, after=after)


def _tabs() -> Edit:
    before = _edit("x").before
    after = {path: text.replace("    ", "\t") for path, text in before.items()}
    return Edit(name="tabs for spaces", kind=Kind.HARMLESS, before=before, after=after)


def _moved() -> Edit:
    before = dict(_edit("x").before)
    after = before | {
        "tools.py": before["helper.py"],
        "helper.py": "",
        "step.py": before["step.py"].replace("from .helper", "from .tools"),
    }
    return Edit(name="a helper's module renamed", kind=Kind.HARMLESS, before=before, after=after)


def _split() -> Edit:
    before = dict(_edit("x").before)
    found = before["deep.py"].replace("FACTOR = 3\n", "from .numbers import FACTOR\n")
    after = before | {"numbers.py": "FACTOR = 3\n", "deep.py": found}
    return Edit(name="a constant moved to another module", kind=Kind.HARMLESS, before=before, after=after)


HARMLESS = (
    _edit("comment in the step", ("step.py", "# A comment.", "# Another one,\n    # of two lines.")),
    _edit("comment in a helper", ("helper.py", "    moved =", "    # Moved.\n    moved =")),
    _edit("docstring of the step", ("step.py", "What it does.", "What it really does.")),
    _edit("docstring of the step removed", ("step.py", '    """What it does."""\n', "")),
    _edit("docstring of a helper", ("helper.py", '"""Tidy."""', '"""Tidy a value."""')),
    _edit("docstring of a class removed", ("helper.py", '    """Keeps numbers."""\n', "")),
    _edit("docstring of a module", ("helper.py", '"""Helpers."""', '"""Helpers of the step."""')),
    _edit("lines above", ("step.py", '"""Steps."""\n', '"""Steps."""\n\n# A licence\n# of three\n# lines.\n')),
    _edit("blank lines inside", ("step.py", "    total: float = 0.0\n", "\n    total: float = 0.0\n\n")),
    _edit("expression over several lines", ("step.py", "total += tidy(each) * LIMIT", "total += (\n            tidy(\n                each,\n            )\n            * LIMIT\n        )")),
    _edit("quotes", ("step.py", "'a'", '"a"')),
    _edit("digits", ("helper.py", "1000", "1_000")),
    _edit("hint of a variable removed", ("step.py", "total: float = 0.0", "total = 0.0")),
    _edit("hints of a helper removed", ("deep.py", "(value: float, by: Optional[float] = None) -> float:", "(value, by=None):")),
    _edit("hints of a helper added", ("helper.py", "def tidy(value):", "def tidy(value: int) -> float:")),
    _edit("hints of a helper modernised", ("deep.py", "Optional[float]", "float | None"), ("deep.py", "from typing import Optional\n\n", "")),
    _edit("annotations from the future", ("helper.py", '"""Helpers."""\n', '"""Helpers."""\n\nfrom __future__ import annotations\n')),
    _edit("local variable renamed", ("step.py", "squares", "all_squares")),
    _edit("local variable of a helper renamed", ("helper.py", "moved", "shifted")),
    _edit("loop variable renamed", ("step.py", "for each in range(number):\n        total += tidy(each)", "for index in range(number):\n        total += tidy(index)")),
    _edit("comprehension variable renamed", ("step.py", "value * value for value", "one * one for one")),
    _edit("caught error renamed", ("step.py", "as error:\n        total += len(error.args)", "as missing:\n        total += len(missing.args)")),
    _edit("parameter of a lambda renamed", ("helper.py", "lambda one: one - 1", "lambda first: first - 1")),
    _edit("parameter of a lambda in the step renamed", ("step.py", "area: -area", "size: -size")),
    _edit("parameter of a nested function renamed", ("step.py", "given", "start")),
    _edit("parameter of a nested function renamed with its keyword", ("step.py", "by", "more")),
    _edit("name of a nested function", ("helper.py", "again", "once_more")),
    _edit("name of the arguments that are taken as they come", ("helper.py", "values", "numbers")),
    _edit("name of self", ("helper.py", "self", "this")),
    _edit("hint of a class's attribute", ("helper.py", "rows = {", "rows: dict = {")),
    _edit("hints of a method", ("helper.py", "def read(self, key):", "def read(self, key: str) -> int:")),
    _edit("unrelated function changed", ("step.py", "return statistics.mean(values)", "return statistics.median(values)")),
    _edit("unrelated function added", ("step.py", "def work(", "def newest(value):\n    return -value\n\n\ndef work(")),
    _edit("unrelated constant changed", ("step.py", "UNRELATED = 1", "UNRELATED = 2")),
    _edit("unrelated class added", ("helper.py", "class Store:", "class Empty:\n    rows = 1\n\n\nclass Store:")),
    _edit("unused function of a helper's module changed", ("helper.py", "def unused(value):\n    return value", "def unused(value):\n    return -value")),
    _edit("unused function two modules away changed", ("deep.py", "def never(value):\n    return value", "def never(value):\n    return -value")),
    _edit("functions in another order", ("step.py", "\n\ndef other(values):\n    return statistics.mean(values) + UNRELATED\n", ""), ("step.py", "Store().read('a')\n", "Store().read('a')\n\n\ndef other(values):\n    return statistics.mean(values) + UNRELATED\n")),
    _edit("imports in another order", ("step.py", "import math\nimport statistics\n", "import statistics\nimport math\n")),
    _edit("unused import added", ("step.py", "import math\n", "import json\nimport math\n")),
    _edit("import for the type-checker", ("helper.py", "from .deep import FACTOR, scale\n", "from typing import TYPE_CHECKING\n\nfrom .deep import FACTOR, scale\n\nif TYPE_CHECKING:\n    import decimal\n")),
    _edit("list of public names added", ("helper.py", "\n\ndef tidy", '\n__all__ = ["Store", "tidy"]\n\n\ndef tidy')),
    _edit("block for scripts added", ("step.py", "Store().read('a')\n", "Store().read('a')\n\n\nif __name__ == \"__main__\":\n    print(work(1))\n")),
    _edit("pass added", ("helper.py", "    moved =", "    pass\n    moved =")),
    _edit("else that does nothing", ("step.py", "        total += tidy(each) * LIMIT\n", "        total += tidy(each) * LIMIT\n    else:\n        pass\n")),
    _edit("parentheses", ("step.py", "return total + math.sqrt(sum(squares)) +", "return (total + math.sqrt(sum(squares))) +")),
    _edit("constant written otherwise", ("step.py", "LIMIT = 10", "LIMIT = 5 * 2")),
    _edit("constant annotated", ("step.py", "LIMIT = 10", "LIMIT: int = 10")),
    _crlf(),
    _tabs(),
    _moved(),
    _split(),
    edit(Kind.HARMLESS, "version of a package that is not used", PACKAGES, (f"{SITE}apart-1.0.dist-info/METADATA", "Version: 1.0", "Version: 2.0")),
)  # fmt: skip
