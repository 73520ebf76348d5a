"""A table of source edits in real project files: which change the fingerprint of a step, and which don't."""

# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from millwright.pipelines.fingerprint import Fingerprint, Fingerprinter
from millwright.pipelines.source import load_pipeline

if TYPE_CHECKING:
    from collections.abc import Callable

PIPELINE = '''
import functools
import json
import logging
import os
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import helper
import millwright as mw
from helper import tidy as tidied
from helper.deep import scale

if TYPE_CHECKING:
    import polars as pl

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
LIMIT = 10
UNRELATED = 1
NAMES = {"a": 1, "b": [2, 3]}
WEIGHTS = np.array([1.0, 2.0])
RULE = np.dtype("int64")
TABLE = {"double": lambda x: x * 2, "half": tidied}
UNITS = helper.UNITS


class Mode(Enum):
    FAST = 1
    SLOW = 2


class Base:
    factor = 2

    def weigh(self, x):
        return x * self.factor


class Model(Base):
    """Docs."""

    bias = 1

    def __init__(self, depth=3):
        self.depth = depth

    @property
    def size(self):
        return self.depth + LIMIT

    @staticmethod
    def plain(x):
        return x - 1


@dataclass
class Config:
    rate: float = 0.1
    depth: int = 3


CONFIG = Config()


def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args) + 0

    return wrapper


def make_adder(n):
    def add(x):
        return x + n

    return add


add_five = make_adder(5)
halve = partial(helper.divide, by=2)


@functools.singledispatch
def kind(value):
    return "other"


@kind.register
def _(value: int):
    return "int"


@functools.lru_cache(maxsize=8)
def remember(x):
    return x + 1


@logged
def decorated(x):
    return x + 1


def unrelated(x):
    return x


@mw.step(retries=1)
def work(x: int, power: int = 2) -> int:
    """What it does."""
    # A comment.
    import helper.lazy as tardy
    from helper.lazy import once

    total: int = 0
    for i in range(x):
        total += i
    with open(os.devnull) as handle:
        handle.read()
    label = kind(total) + f"{total:>{LIMIT}}"
    squares = [helper.square(i) for i in range(3) if i > 0]
    model = Model()
    logger.info(json.dumps(label))
    return (
        model.weigh(total) + tidied(x) + scale(x) + add_five(x) + halve(x) + decorated(x) + remember(x)
        + LIMIT + NAMES["a"] + len(WEIGHTS) + TABLE["double"](x) + tardy.later(x) + once(x) + Mode.FAST.value
        + CONFIG.depth + RULE.itemsize + UNITS["m"] + model.size + Model.plain(1) + sum(squares) + (lambda y: y + 1)(x)
    )


@mw.step
def other(x: int) -> int:
    return unrelated(x)


@mw.pipeline
def demo(x: int = 3):
    other(work(x))
'''
HELPER = '''
"""Helpers."""
from helper.deep import EPSILON

UNITS = dict(m=1, km=1000)


def tidy(x):
    return x + EPSILON


def square(x):
    return inner(x) * x


def inner(x):
    return x


def divide(x, by):
    return x / by


def unused(x):
    return x
'''
DEEP = """
EPSILON = 1e-6
_FACTOR = 3


def scale(x: float) -> float:
    return x * _FACTOR
"""
LAZY = """
STEP = 1


def later(x):
    return x + STEP


def once(x):
    return x


def never(x):
    return x
"""
FILES = {"pipeline.py": PIPELINE, "helper/__init__.py": HELPER, "helper/deep.py": DEEP, "helper/lazy.py": LAZY}

# (name, file, old text, new text)
HARMLESS = [
    ("comment", "pipeline.py", "# A comment.", "# Another comment."),
    ("docstring", "pipeline.py", '"""What it does."""', '"""What it really does."""'),
    ("docstring of a class", "pipeline.py", '"""Docs."""', '"""More docs."""'),
    ("docstring removed", "pipeline.py", '    """What it does."""\n', ""),
    ("docstring of a module", "helper/__init__.py", '"""Helpers."""', '"""Helpers, all of them."""'),
    ("blank lines", "pipeline.py", "    model = Model()\n", "\n\n    model = Model()\n\n"),
    ("line break", "pipeline.py", "total += i", "total += (\n            i\n        )"),
    ("quotes", "pipeline.py", 'NAMES["a"]', "NAMES['a']"),
    ("digits", "pipeline.py", "LIMIT = 10\n", "LIMIT = 1_0\n"),
    ("constant written otherwise", "pipeline.py", "LIMIT = 10\n", "LIMIT = 5 * 2\n"),
    ("annotation of a parameter", "pipeline.py", "def work(x: int,", "def work(x: float,"),
    ("annotation of the result", "pipeline.py", "power: int = 2) -> int:", "power: int = 2) -> float:"),
    ("annotation of a variable", "pipeline.py", "total: int = 0", "total = 0"),
    ("annotation of a helper", "helper/deep.py", "def scale(x: float) -> float:", "def scale(x):"),
    ("local renamed", "pipeline.py", "squares", "the_squares"),
    ("loop variable renamed", "pipeline.py", "for i in range(x):\n        total += i", "for k in range(x):\n        total += k"),
    ("comprehension variable renamed", "pipeline.py", "helper.square(i) for i in range(3) if i > 0", "helper.square(j) for j in range(3) if j > 0"),
    ("with variable renamed", "pipeline.py", "as handle:\n        handle.read()", "as file:\n        file.read()"),
    ("local import renamed", "pipeline.py", "tardy", "much_too_late"),
    ("closure variable renamed", "pipeline.py", "def make_adder(n):\n    def add(x):\n        return x + n", "def make_adder(number):\n    def add(x):\n        return x + number"),
    ("pass added", "pipeline.py", "    model = Model()\n", "    model = Model()\n    pass\n"),
    ("unrelated function", "pipeline.py", "def unrelated(x):\n    return x", "def unrelated(x):\n    return x + 1"),
    ("unrelated constant", "pipeline.py", "UNRELATED = 1", "UNRELATED = 2"),
    ("unused helper", "helper/__init__.py", "def unused(x):\n    return x", "def unused(x):\n    return -x"),
    ("unused helper of a module imported inside", "helper/lazy.py", "def never(x):\n    return x", "def never(x):\n    return -x"),
    ("new function above", "pipeline.py", "class Mode(Enum):", "def new():\n    return 1\n\n\nclass Mode(Enum):"),
    ("order of imports", "pipeline.py", "import functools\nimport json\n", "import json\nimport functools\n"),
    ("unused import", "pipeline.py", "import json\n", "import json\nimport textwrap\n"),
    ("import for the type-checker", "pipeline.py", "    import polars as pl\n", "    import polars as pl\n    import pandas\n"),
    ("settings of the step", "pipeline.py", "@mw.step(retries=1)", '@mw.step(retries=3, name="labour")'),
    ("default of a parameter, which counts as one", "pipeline.py", "power: int = 2", "power: int = 3"),
    ("function moved", "helper/__init__.py", "def inner(x):\n    return x\n\n\ndef divide(x, by):\n    return x / by", "def divide(x, by):\n    return x / by\n\n\ndef inner(x):\n    return x"),
    ("the pipeline's body", "pipeline.py", "    other(work(x))", "    work(other(x))"),
]  # fmt: skip
MEANINGFUL = [
    ("body", "pipeline.py", "total += i", "total -= i"),
    ("constant", "pipeline.py", "LIMIT = 10", "LIMIT = 11"),
    ("constant in a container", "pipeline.py", '"b": [2, 3]', '"b": [2, 4]'),
    ("array", "pipeline.py", "[1.0, 2.0]", "[1.0, 2.5]"),
    ("constant that cannot be looked into", "pipeline.py", 'np.dtype("int64")', 'np.dtype("int32")'),
    ("constant of another module under a name", "helper/__init__.py", "km=1000", "km=1001"),
    ("helper", "helper/__init__.py", "return x + EPSILON", "return x - EPSILON"),
    ("helper of a helper", "helper/__init__.py", "def inner(x):\n    return x", "def inner(x):\n    return x + 1"),
    ("helper two modules away", "helper/deep.py", "return x * _FACTOR", "return x / _FACTOR"),
    ("constant two modules away", "helper/deep.py", "EPSILON = 1e-6", "EPSILON = 1e-5"),
    ("private constant of a helper", "helper/deep.py", "_FACTOR = 3", "_FACTOR = 4"),
    ("helper imported inside", "helper/lazy.py", "return x + STEP", "return x - STEP"),
    ("name imported inside", "helper/lazy.py", "def once(x):\n    return x", "def once(x):\n    return -x"),
    ("constant of a helper imported inside", "helper/lazy.py", "STEP = 1", "STEP = 2"),
    ("method", "pipeline.py", "return self.depth + LIMIT", "return self.depth - LIMIT"),
    ("class attribute", "pipeline.py", "bias = 1", "bias = 2"),
    ("inherited method", "pipeline.py", "return x * self.factor", "return x + self.factor"),
    ("inherited attribute", "pipeline.py", "factor = 2", "factor = 3"),
    ("base class", "pipeline.py", "class Model(Base):", "class Model(Base, dict):"),
    ("static method", "pipeline.py", "return x - 1", "return x - 2"),
    ("default of a method", "pipeline.py", "depth=3", "depth=4"),
    ("default of a dataclass", "pipeline.py", "rate: float = 0.1", "rate: float = 0.2"),
    ("field of a dataclass", "pipeline.py", "    depth: int = 3\n", "    depth: int = 3\n    more: int = 1\n"),
    ("argument of an object", "pipeline.py", "CONFIG = Config()", "CONFIG = Config(rate=0.5)"),
    ("member of an enumeration", "pipeline.py", "FAST = 1", "FAST = 3"),
    ("closure cell", "pipeline.py", "make_adder(5)", "make_adder(6)"),
    ("function with a closure", "pipeline.py", "return x + n", "return x - n"),
    ("argument of a partial", "pipeline.py", "by=2", "by=3"),
    ("function of a partial", "helper/__init__.py", "return x / by", "return x // by"),
    ("lambda in a table", "pipeline.py", "lambda x: x * 2", "lambda x: x * 3"),
    ("entry of a table", "pipeline.py", '"half": tidied', '"half": scale'),
    ("lambda in the body", "pipeline.py", "lambda y: y + 1", "lambda y: y + 2"),
    ("dispatched function", "pipeline.py", 'return "int"', 'return "integer"'),
    ("dispatched type", "pipeline.py", "def _(value: int):", "def _(value: str):"),
    ("function behind a cache", "pipeline.py", "def remember(x):\n    return x + 1", "def remember(x):\n    return x + 2"),
    ("decorator", "pipeline.py", "function(*args) + 0", "function(*args) + 1"),
    ("decorated function", "pipeline.py", "def decorated(x):\n    return x + 1", "def decorated(x):\n    return x + 2"),
    ("decorator removed", "pipeline.py", "@logged\n", ""),
    ("format", "pipeline.py", "{total:>{LIMIT}}", "{total:<{LIMIT}}"),
    ("operator order", "pipeline.py", "x * self.factor", "self.factor * x"),
    ("name of a parameter", "pipeline.py", "def work(x: int, power", "def work(x: int, exponent"),
]  # fmt: skip


def fingerprints(folder: Path) -> dict[str, Fingerprint]:
    pipeline = load_pipeline(folder / "pipeline.py")
    graph = pipeline.build()
    with graph.scope.active():
        maker = Fingerprinter()
        return {node.spec.function.__name__: maker.of(node.spec.function) for node in graph.nodes}


def write_project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fingerprint]:
    return fingerprints(write_project(tmp_path_factory.mktemp("original"), FILES))


def edited(tmp_path: Path, file: str, old: str, new: str) -> dict[str, Fingerprint]:
    assert FILES[file].count(old) >= 1
    return fingerprints(write_project(tmp_path, {**FILES, file: FILES[file].replace(old, new)}))


@pytest.mark.parametrize(("file", "old", "new"), [edit[1:] for edit in HARMLESS], ids=[edit[0] for edit in HARMLESS])
def test_fingerprint_stays_when_nothing_that_counts_changed(
    tmp_path: Path, original: dict[str, Fingerprint], file: str, old: str, new: str
) -> None:
    found = edited(tmp_path, file, old, new)
    assert found["work"].digest == original["work"].digest


@pytest.mark.parametrize(
    ("file", "old", "new"), [edit[1:] for edit in MEANINGFUL], ids=[edit[0] for edit in MEANINGFUL]
)
def test_fingerprint_changes_when_the_step_reaches_what_changed(
    tmp_path: Path, original: dict[str, Fingerprint], file: str, old: str, new: str
) -> None:
    found = edited(tmp_path, file, old, new)
    assert found["work"].digest != original["work"].digest
    assert found["other"].digest == original["other"].digest


def test_table_holds_as_many_edits_as_it_should() -> None:
    assert len(HARMLESS) >= 20
    assert len(MEANINGFUL) >= 20


def test_fingerprint_says_what_it_is_made_of(original: dict[str, Fingerprint]) -> None:
    found = original["work"]
    assert {"pipeline.work", "helper.tidy", "helper.deep.scale", "helper.lazy.later", "pipeline.Model"} <= set(
        found.parts
    )
    assert "helper.unused" not in found.parts
    assert [package.partition("==")[0] for package in found.packages] == ["numpy"]
    assert found.warnings == ()
    assert original["other"].packages == ()


def fingerprint_elsewhere(folder: Path) -> str:
    """The digest of a project's step `work`, made by another process."""
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from millwright.pipelines.fingerprint import Fingerprinter
        from millwright.pipelines.source import load_pipeline
        graph = load_pipeline(Path(sys.argv[1]) / "pipeline.py").build()
        with graph.scope.active():
            print(Fingerprinter().of(graph.node("work").spec.function).digest)
    """)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.strip()


def test_fingerprint_is_the_same_in_another_process_and_folder(
    tmp_path: Path, original: dict[str, Fingerprint]
) -> None:
    folder = write_project(tmp_path / "deeper" / "still", FILES)
    assert fingerprint_elsewhere(folder) == original["work"].digest


def test_fingerprint_changes_with_the_version_of_a_package_that_the_step_uses(tmp_path: Path) -> None:
    digests: list[list[str]] = []
    for version in ("1.0", "1.0", "2.0"):
        folder = tmp_path / f"{len(digests)}"
        files = {
            "pipeline.py": "import millwright as mw\nimport vendored\n\n@mw.step\ndef work() -> int:\n    return vendored.f()\n\n"
            "@mw.step\ndef other() -> int:\n    return 1\n\n@mw.pipeline\ndef demo():\n    work()\n    other()\n",
            "site-packages/vendored/__init__.py": "def f():\n    return 1\n",
            f"site-packages/vendored-{version}.dist-info/METADATA": f"Name: vendored\nVersion: {version}\n",
        }
        write_project(folder, files)
        script = textwrap.dedent("""
            import sys
            sys.path.insert(0, sys.argv[1] + "/site-packages")
            from millwright.pipelines.fingerprint import Fingerprinter
            from millwright.pipelines.source import load_pipeline
            graph = load_pipeline(sys.argv[1] + "/pipeline.py").build()
            with graph.scope.active():
                found = [Fingerprinter().of(node.spec.function) for node in graph.nodes]
                print(found[0].digest, found[1].digest, found[0].packages[0])
        """)
        command = [sys.executable, "-c", script, str(folder)]
        digests.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    first, second, third = digests
    assert first == second
    assert first[0] != third[0]
    assert first[1] == third[1]
    assert third[2] == "vendored==2.0"


def test_packages_that_share_a_top_level_name_count_each_by_its_own_version(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages"
    write_project(tmp_path, {
        "pipeline.py": "import millwright as mw\nimport cloud.disk\nfrom cloud.deep import queue\n\n@mw.step\ndef work() -> int:\n"
        "    return cloud.disk.f()\n\n@mw.step\ndef other() -> int:\n    return queue.f()\n\n@mw.pipeline\ndef demo():\n    work()\n    other()\n",
        "site-packages/cloud/disk/__init__.py": "def f():\n    return 1\n",
        "site-packages/cloud/deep/queue.py": "def f():\n    return 1\n",
    })  # fmt: skip
    for name, file, version in (
        ("cloud-disk", "cloud/disk/__init__.py", "1.5"),
        ("cloud-queue", "cloud/deep/queue.py", "2.5"),
    ):
        about = {"METADATA": f"Name: {name}\nVersion: {version}\n", "RECORD": f"{file},,\n", "top_level.txt": "cloud\n"}
        write_project(folder / f"{name.replace('-', '_')}-{version}.dist-info", about)
    script = textwrap.dedent("""
        import sys
        sys.path.insert(0, sys.argv[1] + "/site-packages")
        from millwright.pipelines.fingerprint import Fingerprinter
        from millwright.pipelines.source import load_pipeline
        graph = load_pipeline(sys.argv[1] + "/pipeline.py").build()
        with graph.scope.active():
            print(*(",".join(Fingerprinter().of(node.spec.function).packages) for node in graph.nodes))
    """)
    command = [sys.executable, "-c", script, str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert found == ["cloud-disk==1.5", "cloud-queue==2.5"]


def test_compiled_module_of_the_project_counts_by_its_bytes(tmp_path: Path) -> None:
    import _heapq

    source = getattr(_heapq, "__file__", None)
    if source is None:
        pytest.skip("this Python has no module of C code in a file of its own")
    text = "import millwright as mw\nfrom helper import _heapq\n\n@mw.step\ndef work() -> int:\n    return _heapq.heappop([1])\n\n@mw.pipeline\ndef demo():\n    work()\n"
    digests = set()
    for folder, more in (("a", b""), ("b", b""), ("c", b"0")):
        write_project(tmp_path / folder, {"pipeline.py": text, "helper/__init__.py": ""})
        (tmp_path / folder / "helper" / Path(source).name).write_bytes(Path(source).read_bytes() + more)
        digests.add(fingerprint_elsewhere(tmp_path / folder))
    assert len(digests) == 2


CLASSES = """
import abc
import enum
from dataclasses import dataclass, field
from functools import cache, cached_property, total_ordering
from typing import Any, Generic, NamedTuple, Protocol, TypedDict, TypeVar

import msgspec
import pydantic

import millwright as mw

T = TypeVar("T")
Number = int | float
Maybe = dict[str, list["Point"]] | None

class Point(NamedTuple):
    x: int
    y: int = 2

class Row(TypedDict):
    a: int

class Shape(Protocol):
    def area(self) -> float: ...

class Square(abc.ABC, Generic[T]):
    side: float = 1.0

    @abc.abstractmethod
    def area(self): ...

class Red(enum.Flag):
    A = enum.auto()
    B = enum.auto()

@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Slotted(Generic[T]):
    a: int = 1
    b: list[int] = field(default_factory=list)

    def __lt__(self, other):
        return super().__eq__(other)

class Settings(pydantic.BaseModel):
    name: str = "x"
    model_config = {"frozen": True}

    @pydantic.field_validator("name")
    @classmethod
    def check(cls, value):
        return value.strip()

class Packed(msgspec.Struct, frozen=True):
    a: int = 1

class Counter:
    seen: set[int] = set()

    @cached_property
    def total(self):
        return sum(self.seen)

    @cache
    def at(self, n):
        return n + 1

def patched(self):
    return 1

Counter.extra = patched
SETTINGS = Settings(name="y")
EVERYTHING = [Point(1, 2), Row(a=1), Red.A | Red.B, Slotted(a=2), Packed(a=3), Counter()]

@mw.step
def work(x: int) -> str:
    known = (Shape, Square, T, Number, Maybe, Any)
    return str((EVERYTHING, SETTINGS, known, isinstance(x, Number)))

@mw.pipeline
def demo():
    work(1)
"""


def test_classes_of_every_make_have_the_same_fingerprint_each_time(tmp_path: Path) -> None:
    first, second = (fingerprints(write_project(tmp_path / n, {"pipeline.py": CLASSES}))["work"] for n in "ab")
    assert first.digest == second.digest
    assert first.warnings == ()
    assert {package.partition("==")[0] for package in first.packages} == {"msgspec", "pydantic"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("y: int = 2", "y: int = 3"),
        ("side: float = 1.0", "side: float = 2.0"),
        ("a: int = 1\n    b", "a: int = 2\n    b"),
        ("return super().__eq__(other)", "return super().__ne__(other)"),
        ("value.strip()", "value.lower()"),
        ("name: str", "name: bytes"),
        ('"frozen": True', '"frozen": False'),
        ("class Packed(msgspec.Struct, frozen=True)", "class Packed(msgspec.Struct, frozen=False)"),
        ("Packed(a=3)", "Packed(a=4)"),
        ("set[int] = set()", "set[int] = {1}"),
        ("return sum(self.seen)", "return min(self.seen)"),
        ("return n + 1", "return n + 2"),
        ("def patched(self):\n    return 1", "def patched(self):\n    return 2"),
        ('Settings(name="y")', 'Settings(name="z")'),
        ("Red.A | Red.B", "Red.A"),
        ("Number = int | float", "Number = int | str"),
    ],
)
def test_fingerprint_changes_with_a_class_of_any_make(tmp_path: Path, old: str, new: str) -> None:
    assert old in CLASSES
    before = fingerprints(write_project(tmp_path / "a", {"pipeline.py": CLASSES}))["work"]
    after = fingerprints(write_project(tmp_path / "b", {"pipeline.py": CLASSES.replace(old, new)}))["work"]
    assert before.digest != after.digest


def test_module_used_by_a_name_made_at_run_time_counts_whole_and_is_warned_about(tmp_path: Path) -> None:
    files = {
        "pipeline.py": "import helper\nimport millwright as mw\n\n@mw.step\ndef work(name: str) -> int:\n"
        "    return getattr(helper, name)()\n\n@mw.pipeline\ndef demo():\n    work('f')\n",
        "helper.py": "from other import g\n\ndef f():\n    return g()\n\ndef unused():\n    return 1\n",
        "other.py": "def g():\n    return 1\n",
    }
    before = fingerprints(write_project(tmp_path / "a", files))["work"]
    assert any("'helper'" in warning for warning in before.warnings)
    for name, old in (("helper.py", "return 1"), ("other.py", "return 1")):
        changed = {**files, name: files[name].replace(old, "return 2")}
        assert fingerprints(write_project(tmp_path / name, changed))["work"].digest != before.digest


def test_module_whose_globals_are_looked_up_by_a_name_made_at_run_time_counts_whole(tmp_path: Path) -> None:
    files = {
        "pipeline.py": "import helper\nimport millwright as mw\n\n@mw.step\ndef work(name: str) -> int:\n"
        "    return helper.call(name)\n\n@mw.pipeline\ndef demo():\n    work('f')\n",
        "helper.py": "def call(name):\n    return globals()[name]()\n\ndef f():\n    return 1\n",
    }
    before = fingerprints(write_project(tmp_path / "a", files))["work"]
    assert any("'helper'" in warning for warning in before.warnings)
    changed = {**files, "helper.py": files["helper.py"].replace("return 1", "return 2")}
    assert fingerprints(write_project(tmp_path / "b", changed))["work"].digest != before.digest


def test_built_in_step_counts_by_its_module_and_the_version_of_millwright() -> None:
    from millwright.pipelines.fingerprint.origin import package_of_module
    from millwright.pipelines.parameter import read_parameters

    found = Fingerprinter().of(read_parameters)
    assert found.packages == (package_of_module("millwright"),)
    assert list(found.parts) == ["millwright.pipelines.parameter.*"]


def test_recursion_and_mutual_recursion_come_to_an_end(tmp_path: Path) -> None:
    files = {
        "pipeline.py": "import millwright as mw\n\nLOOP = []\nLOOP.append(LOOP)\n\ndef even(n):\n    return n == 0 or odd(n - 1)\n\n"
        "def odd(n):\n    return n != 0 and even(n - 1)\n\nclass Node:\n    def __init__(self):\n        self.me = self\n"
        "        self.kind = Node\n\nNODE = Node()\n\n@mw.step\ndef work(n: int) -> bool:\n"
        "    return even(n) and bool(LOOP) and NODE.me is NODE\n\n@mw.pipeline\ndef demo():\n    work(2)\n"
    }
    before = fingerprints(write_project(tmp_path / "a", files))["work"]
    changed = {"pipeline.py": files["pipeline.py"].replace("n != 0 and", "n > 0 and")}
    assert fingerprints(write_project(tmp_path / "b", changed))["work"].digest != before.digest


def test_function_whose_file_changed_after_it_was_loaded_counts_as_it_was_loaded(
    load: Callable[..., object], write: Callable[..., Path]
) -> None:
    text = "import millwright as mw\n\n@mw.step\ndef work() -> int:\n    return {}\n\n@mw.pipeline\ndef demo():\n    work()\n"

    def digest(pipeline: object) -> str:
        graph = pipeline.build()  # type: ignore[attr-defined]
        with graph.scope.active():
            return str(Fingerprinter().of(graph.nodes[0].spec.function).digest)

    old = load(pipeline=text.format(1))
    write(pipeline=text.format(2))
    stale = digest(old)
    assert stale != digest(load_pipeline(write(pipeline=text.format(2))))
    assert stale == digest(old)


PARTS = {
    "pipeline.py": "import helper\nimport millwright as mw\n\nLIMIT = 10\nNAMES = ['a']\nTABLE = {'h': helper.tidy}\n\n"
    "def make(n):\n    def add(x):\n        return x + n\n    return add\n\nadd = make(1)\n\nclass Model:\n    bias = 1\n\n"
    "    def fit(self, x):\n        return x\n\nMODEL = Model()\nMODEL.depth = 3\n\n@mw.step\ndef work(x: int) -> int:\n"
    "    return TABLE['h'](x) + LIMIT + len(NAMES) + add(1) + MODEL.fit(1) + helper.scale(1)\n\n@mw.pipeline\ndef demo():\n    work(1)\n",
    "helper.py": "RATE = 1.5\n\ndef tidy(x, by=1):\n    return x * RATE\n\ndef scale(x):\n    return x\n",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "parts"),
    [
        ("helper.py", "x * RATE", "x / RATE", {"helper.tidy"}),
        ("helper.py", "by=1", "by=2", {"helper.tidy"}),
        ("helper.py", "1.5", "2.5", {"helper.RATE"}),
        ("pipeline.py", "LIMIT = 10", "LIMIT = 11", {"pipeline.LIMIT"}),
        ("pipeline.py", "['a']", "['b']", {"pipeline.NAMES"}),
        ("pipeline.py", "{'h': helper.tidy}", "{'h': helper.scale}", {"pipeline.TABLE", "helper.tidy", "helper.RATE"}),
        ("pipeline.py", "make(1)", "make(2)", {"pipeline.make.<locals>.add"}),
        ("pipeline.py", "bias = 1", "bias = 2", {"pipeline.Model"}),
        ("pipeline.py", "depth = 3", "depth = 4", {"pipeline.Model object"}),
        ("pipeline.py", "len(NAMES) +", "len(NAMES) -", {"pipeline.work"}),
        ("pipeline.py", " + helper.scale(1)", "", {"pipeline.work", "helper.scale"}),
    ],
)
def test_parts_tell_which_one_changed(tmp_path: Path, file: str, old: str, new: str, parts: set[str]) -> None:
    before = fingerprints(write_project(tmp_path / "a", PARTS))["work"].parts
    after = fingerprints(write_project(tmp_path / "b", {**PARTS, file: PARTS[file].replace(old, new)}))["work"].parts
    assert {name for name in {*before, *after} if before.get(name) != after.get(name)} == parts


def test_numbers_are_told_as_they_are_and_other_values_are_not(tmp_path: Path) -> None:
    found = fingerprints(write_project(tmp_path, PARTS))["work"].parts
    assert (found["pipeline.LIMIT"], found["helper.RATE"]) == ("=10", "=1.5")
    assert found["pipeline.NAMES"].startswith("v")
    assert (found["pipeline.work"][0], found["pipeline.Model"][0], found["pipeline.Model object"][0]) == ("f", "c", "o")


STARRED = {
    "pipeline.py": "import millwright as mw\nfrom typing import *\nfrom shared import *\n\n@mw.step\ndef work() -> str:\n"
    "    return str(LATE)\n\n@mw.pipeline\ndef demo():\n    work()\n",
    "shared.py": "import polars as pl\n\nLATE = (pl.col('the_planned_end_of_it') - pl.col('the_actual_end_of_it')) * 2\n"
    "OTHER = pl.col('a')\n",
}


def test_value_that_came_by_a_star_counts_by_the_statements_of_its_module(tmp_path: Path) -> None:
    before = fingerprints(write_project(tmp_path / "a", STARRED))["work"]
    changed = {**STARRED, "shared.py": STARRED["shared.py"].replace("* 2", "* 3")}
    assert fingerprints(write_project(tmp_path / "b", changed))["work"].digest != before.digest
    unrelated = {**STARRED, "shared.py": STARRED["shared.py"].replace("'a'", "'b'")}
    assert fingerprints(write_project(tmp_path / "c", unrelated))["work"].digest == before.digest
    assert before.warnings == ()


def test_table_that_a_module_has_read_counts_by_its_rows(tmp_path: Path) -> None:
    text = (
        "from pathlib import Path\nimport polars as pl\nimport millwright as mw\n\n"
        "PRICES = pl.read_csv(Path(__file__).parent / 'prices.csv')\n\n@mw.step\ndef work() -> int:\n"
        "    return PRICES.height\n\n@mw.pipeline\ndef demo():\n    work()\n"
    )
    digests = []
    for folder, last in (("a", 99), ("b", 99), ("c", 100)):
        (tmp_path / folder).mkdir()
        rows = "\n".join(map(str, [*range(50), last, *range(50)]))
        (tmp_path / folder / "prices.csv").write_text(f"price\n{rows}\n")
        digests.append(fingerprints(write_project(tmp_path / folder, {"pipeline.py": text}))["work"].digest)
    assert digests[0] == digests[1] != digests[2]
