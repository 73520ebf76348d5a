"""Edits that change a step's result: a step that does not run again gives what is wrong."""

# ruff: noqa: E501 - code as text reads best in one line
from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.fingerprint.edit import SITE, Edit, Kind, edit, step

if TYPE_CHECKING:
    from collections.abc import Mapping


def _edit(name: str, files: Mapping[str, str], *changes: tuple[str, str, str]) -> Edit:
    return edit(Kind.MEANINGFUL, name, files, *changes)


def _own(name: str, body: str, head: str, old: str, new: str) -> Edit:
    """An edit within the step's file."""
    return _edit(name, step(body, head), ("step.py", old, new))


DEFAULT = {
    "step.py": 'from mark import ran\n\n\ndef work(number: int, by: int = 2) -> float:\n    ran("SLUG")\n    return float(number * by)\n'
}
DECORATED = {
    "step.py": """
        import functools

        from mark import ran


        def shifted(function):
            @functools.wraps(function)
            def call(*args, **keywords):
                return function(*args, **keywords) + 1

            return call


        @shifted
        def work(number: int) -> float:
            ran("SLUG")
            return float(number)
        """
}
IN_THE_STEP = (
    _own("constant in the step", "return number * 2.0", "", "2.0", "3.0"),
    _own("operator in the step", "return number + 2.0", "", "number +", "number -"),
    _own("comparison in the step", "return 1.0 if number < 3 else 2.0", "", "<", "<="),
    _own("format of a text", 'return float(f"{number / 7:.3f}")', "", ".3f", ".2f"),
    _own("lambda in the step", "return float(sum(map(lambda each: each + 1, range(number))))", "", "each + 1", "each + 2"),
    _own("nested function", "def inner(value):\n    return value + 1\n\nreturn float(inner(number))", "", "value + 1", "value + 2"),
    _own("parameters of a lambda that is called by names", "pick = lambda first, second: first - second\nreturn float(pick(first=number, second=1))", "", "lambda first, second: first - second", "lambda second, first: second - first"),
    _own("parameters of a lambda that is called by keys", 'pick = lambda first, second: first - second\nreturn float(pick(**json.loads(\'{"first": 5, "second": 1}\')))', "import json", "lambda first, second: first - second", "lambda second, first: second - first"),
    _own("parameters of a nested function that is called by names", "def inner(first, second):\n    return first - second\n\nreturn float(inner(first=number, second=1))", "", "inner(first, second):\n        return first - second", "inner(second, first):\n        return second - first"),
    _own("parameters of a nested function that is called by places", "def inner(first, second):\n    return first - second\n\nreturn float(inner(number, 1))", "", "inner(first, second)", "inner(second, first)"),
    _own("keyword of a nested function", "def inner(first=1, **more):\n    return first\n\nreturn float(inner(first=number))", "", "inner(first=number)", "inner(other=number)"),
    _own("filter of a comprehension", "return float(sum(each for each in range(9) if each % 2))", "", "each % 2", "each % 3"),
    _own("order of two statements", "total = number\ntotal += 1\ntotal *= 2\nreturn float(total)", "", "total += 1\n    total *= 2", "total *= 2\n    total += 1"),
    _own("case of a match", "match number:\n    case 3:\n        return 1.0\n    case _:\n        return 2.0", "", "case 3", "case 4"),
    _own("line out of a loop", "total = 0\nfor each in range(number):\n    total += each\n    total += 1\nreturn float(total)", "", "        total += 1", "    total += 1"),
    _edit("default of the step's argument", DEFAULT, ("step.py", "by: int = 2", "by: int = 3")),
    _edit("decorator of the step", DECORATED, ("step.py", "+ 1", "+ 2")),
    _own("decorator removed", "return float(twice(number))", "def doubled(function):\n    def call(value):\n        return 2 * function(value)\n\n    return call\n\n\n@doubled\ndef twice(value):\n    return value", "@doubled\n", ""),
)  # fmt: skip

TABLE = 'RATES = {"a": 1, "b": {"c": [2, 3]}}'
BUILT = "def _build(size):\n    return [each * 2 for each in range(size)]\n\n\nTABLE = _build(5)"
FILLED = 'import types\n\nRATES = {}\n\n\ndef _fill():\n    RATES["a"] = types.SimpleNamespace(size=1)\n\n\n_fill()'
READ = step(
    "return float(RATE)", 'from pathlib import Path\n\nRATE = float(Path(__file__).with_name("rate.txt").read_text())'
) | {"rate.txt": "1.5\n"}
VALUES = (
    _own("constant of the module", "return float(number * LIMIT)", "LIMIT = 10", "10", "11"),
    _own("content of a dictionary", 'return float(RATES["b"]["c"][1])', TABLE, "3]", "4]"),
    _own("entry put into a dictionary later", 'return float(RATES["z"])', 'RATES = {}\nRATES["z"] = 1', "= 1", "= 2"),
    _own("element of a tuple", "return float(sum(SIZES))", "SIZES = (1, 2, 3)", "(1, 2, 3)", "(1, 2, 4)"),
    _own("member of a set", "return float(number in KNOWN)", "KNOWN = frozenset({1, 2})", "{1, 2}", "{1, 2, 3}"),
    _own("pattern", 'return float(len(WORD.findall("ab1 c2")))', 'import re\n\nWORD = re.compile(r"[a-z]+")', "[a-z]+", "[a-z]"),
    _own("decimal of the standard library", "return float(RATE * number)", 'from decimal import Decimal\n\nRATE = Decimal("0.1")', "0.1", "0.2"),
    _own("function that builds a constant", "return float(sum(TABLE))", BUILT, "each * 2", "each * 3"),
    _own("constant made from another", "return float(AREA)", "SIDE = 3\nAREA = SIDE * SIDE", "SIDE = 3", "SIDE = 4"),
    _own("constant behind a condition", "return float(LIMIT)", "import sys\n\nif sys.version_info >= (3, 0):\n    LIMIT = 1\nelse:\n    LIMIT = 2", "LIMIT = 1", "LIMIT = 3"),
    _own("constant filled in by a function", 'return float(RATES["a"].size)', FILLED, "size=1", "size=2"),
    _own("constant of a class derived from a number", "return float(RATE.twice())", "class Rate(int):\n    def twice(self):\n        return self * 2\n\n\nRATE = Rate(3)", "self * 2", "self * 3"),
    _own("constant of a class derived from text", "return float(NAME.size())", 'class Name(str):\n    def size(self):\n        return len(self)\n\n\nNAME = Name("abc")', "len(self)", "len(self) + 1"),
    _own("element of a queue", "return float(QUEUE[0])", "import collections\n\nQUEUE = collections.deque()\nfor _each in (1, 2):\n    QUEUE.append(_each)", "(1, 2)", "(3, 2)"),
    _own("entry taken out of a dictionary", "return float(len(RATES))", 'RATES = {"a": 1, "b": 2}\ndel RATES["a"]', '\ndel RATES["a"]', ""),
    _own("argument of a getter", "return float(GET([1, 2, 3]))", "import operator\n\nGET = operator.itemgetter(1)", "(1)", "(2)"),
    _edit("constant read from a file at import", READ, ("rate.txt", "1.5", "2.5")),
    _own("constant set by a loop", "return float(TOTAL)", "TOTAL = 0\nfor _each in range(4):\n    TOTAL += _each", "range(4)", "range(5)"),
)  # fmt: skip

HELPED = step("return float(outer(number))", "from .helper import outer") | {
    "helper.py": "from .deep import inner\n\n\ndef outer(value):\n    return inner(value) + 1\n",
    "deep.py": "from .deeper import FACTOR\n\n\ndef inner(value, by=2):\n    return value * by * FACTOR\n",
    "deeper.py": "FACTOR = 3\n",
}
CHAIN = step("return float(settings.rates.RATE * number)", "from . import settings") | {
    "settings/__init__.py": "from . import rates\n",
    "settings/rates.py": "RATE = 1.5\n",
}
STARRED = step("return float(scale(number))", "from .helper import *") | {
    "helper.py": "from .deep import *\n",
    "deep.py": "def scale(value):\n    return value * 2\n",
}
RENAMED = step("return float(first(number))", "from .helper import low as first") | {
    "helper.py": "def low(value):\n    return value + 1\n\n\ndef high(value):\n    return value + 2\n"
}
EITHER = step("return float(scale(number))", "try:\n    from .fast import scale\nexcept ImportError:\n    from .slow import scale") | {
    "slow.py": "def scale(value):\n    return value + 1\n"
}  # fmt: skip
INSIDE = step("from .helper import scale\n\nreturn float(scale(number))") | {
    "helper.py": "def scale(value):\n    return value * 2\n"
}
DEEPLY = step("return float(helper.scale(number))", "from . import helper") | {
    "helper.py": "def scale(value):\n    from .deep import FACTOR\n\n    return value * FACTOR\n",
    "deep.py": "FACTOR = 2\n",
}
MODULE_INSIDE = step("from . import helper\n\nreturn float(helper.scale(number))") | {
    "helper.py": "def scale(value):\n    return value * 2\n"
}
MODULE_INSIDE_HELPER = step(
    "return float(apply(number))", "def apply(value):\n    from . import helper\n\n    return helper.scale(value)"
) | {"helper.py": "def scale(value):\n    return value * 2\n"}
DOTTED_INSIDE = step("import SLUG.helper\n\nreturn float(SLUG.helper.scale(number))") | {
    "helper.py": "def scale(value):\n    return value * 2\n"
}
PATCHED = step("return float(helper.scale(number))", "from . import helper, patch") | {
    "helper.py": "def scale(value):\n    return value * 2\n",
    "patch.py": "from . import helper\n\n\ndef _scale(value):\n    return value * 3\n\n\nhelper.scale = _scale\n",
}
PASSED = step("return float(_apply(scale, number))", "from .helper import scale\n\n\ndef _apply(function, value):\n    return function(value)") | {
    "helper.py": "def scale(value):\n    return value * 2\n"
}  # fmt: skip
EXPORTED = step("return float(scale(number))", "from .kit import scale") | {
    "kit/__init__.py": "from .first import scale\n",
    "kit/first.py": "def scale(value):\n    return value * 2\n",
    "kit/second.py": "def scale(value):\n    return value * 3\n",
}
RUN_TIME = step('return float(getattr(helper, "sc" + "ale")(number))', "from . import helper") | {
    "helper.py": "def scale(value):\n    return value * 2\n"
}
SWAPPED = step("return float(scale(number))", "from .fast import scale") | {
    "fast.py": "def scale(value):\n    return value + 1\n",
    "slow.py": "def scale(value):\n    return value + 2\n",
}
HELPERS = (
    _own("helper in the same file", "return float(scale(number))", "def scale(value):\n    return value * 2", "* 2", "* 3"),
    _edit("helper in another file", HELPED, ("helper.py", "+ 1", "+ 2")),
    _edit("helper two modules away", HELPED, ("deep.py", "value * by", "value + by")),
    _edit("constant three modules away", HELPED, ("deeper.py", "3", "4")),
    _edit("default of a helper's argument", HELPED, ("deep.py", "by=2", "by=3")),
    _own("default of a keyword", "return float(scale(number))", "def scale(value, *, by=2):\n    return value * by", "by=2", "by=3"),
    _own("default that is a constant", "return float(scale(number))", "BY = 2\n\n\ndef scale(value, by=BY):\n    return value * by", "BY = 2", "BY = 3"),
    _edit("constant by a chain of modules", CHAIN, ("settings/rates.py", "1.5", "2.5")),
    _edit("helper by a star import", STARRED, ("deep.py", "* 2", "* 3")),
    _edit("helper by another name", RENAMED, ("step.py", "low as first", "high as first")),
    _edit("module that a helper comes from", SWAPPED, ("step.py", ".fast", ".slow")),
    _edit("what a package exports", EXPORTED, ("kit/__init__.py", ".first", ".second")),
    _edit("helper imported when its better is missing", EITHER, ("slow.py", "+ 1", "+ 2")),
    _edit("helper imported inside the step", INSIDE, ("helper.py", "* 2", "* 3")),
    _edit("constant imported inside a helper", DEEPLY, ("deep.py", "2", "3")),
    _edit("module imported inside the step", MODULE_INSIDE, ("helper.py", "* 2", "* 3")),
    _edit("module imported inside a helper", MODULE_INSIDE_HELPER, ("helper.py", "* 2", "* 3")),
    _edit("module imported by its whole name inside", DOTTED_INSIDE, ("helper.py", "* 2", "* 3")),
    _edit("function put into another module", PATCHED, ("patch.py", "* 3", "* 4")),
    _edit("helper handed to another", PASSED, ("helper.py", "* 2", "* 3")),
    _edit("helper by a name made at run time", RUN_TIME, ("helper.py", "* 2", "* 3")),
    _own("helper that calls itself", "return float(fall(number))", "def fall(value):\n    return 1 if value == 0 else value + fall(value - 1)", "return 1 if", "return 2 if"),
    _own("asynchronous helper", "return float(asyncio.run(wait(number)))", "import asyncio\n\n\nasync def wait(value):\n    return value + 1", "value + 1", "value + 2"),
    _own("generator", "return float(sum(count(number)))", "def count(size):\n    for each in range(size):\n        yield each + 1", "each + 1", "each + 2"),
    _own("context manager", "with offset() as found:\n    return float(number + found)", "from contextlib import contextmanager\n\n\n@contextmanager\ndef offset():\n    yield 1", "yield 1", "yield 2"),
    _own("helper behind a cache", "return float(slow(number))", "import functools\n\n\n@functools.lru_cache\ndef slow(value):\n    return value + 1", "value + 1", "value + 2"),
)  # fmt: skip

LOGGED = """
import functools


def shifted(by):
    def decorate(function):
        @functools.wraps(function)
        def call(*args):
            return function(*args) + by

        return call

    return decorate


@shifted(1)
def scale(value):
    return value * 2
"""
ADDER = "def make_adder(by):\n    def add(value):\n        return value + by\n\n    return add\n\n\nadd = make_adder(5)"
PARTIAL = (
    "import functools\n\n\ndef divide(value, by):\n    return value / by\n\n\nhalve = functools.partial(divide, by=2)"
)
DISPATCH = (
    'def one(value):\n    return value\n\n\ndef two(value):\n    return value * 2\n\n\nTABLE = {"one": one, "two": two}'
)
SINGLE = """
import functools


@functools.singledispatch
def kind(value):
    return 0


@kind.register
def _(value: int):
    return 1
"""
REGISTRY = """
KNOWN = {}


def known(function):
    KNOWN[function.__name__] = function
    return function


@known
def double(value):
    return value * 2
"""
FUNCTIONS = (
    _own("wrapper of a decorator", "return float(scale(number))", LOGGED, "function(*args) + by", "function(*args) - by"),
    _own("argument of a decorator", "return float(scale(number))", LOGGED, "@shifted(1)", "@shifted(2)"),
    _own("function behind a decorator", "return float(scale(number))", LOGGED, "value * 2", "value * 3"),
    _own("lambda of the module", "return float(scale(number))", "scale = lambda value: value * 2", "* 2", "* 3"),
    _own("value in a closure", "return float(add(number))", ADDER, "make_adder(5)", "make_adder(6)"),
    _own("function with a closure", "return float(add(number))", ADDER, "value + by", "value - by"),
    _own("argument of a partial", "return float(halve(number))", PARTIAL, "by=2", "by=3"),
    _own("function of a partial", "return float(halve(number))", PARTIAL, "value / by", "value // by"),
    _own("entry of a dispatch table", 'return float(TABLE["two"](number))', DISPATCH, '"two": two', '"two": one'),
    _own("function in a dispatch table", 'return float(TABLE["two"](number))', DISPATCH, "value * 2", "value * 3"),
    _own("function for a type", "return float(kind(number))", SINGLE, "return 1", "return 2"),
    _own("type of a function", "return float(kind(number))", SINGLE, "value: int", "value: str"),
    _own("function in a registry", 'return float(KNOWN["double"](number))', REGISTRY, "value * 2", "value * 3"),
    _own("composition of functions", "return float(both(number))", "def _first(value):\n    return value + 1\n\n\ndef _second(value):\n    return value * 2\n\n\ndef both(value):\n    return _first(_second(value))", "_first(_second(value))", "_second(_first(value))"),
    _own("decorator that is a class", "return float(scale(number))", "class Shifted:\n    def __init__(self, function):\n        self.function = function\n\n    def __call__(self, value):\n        return self.function(value)\n\n\n@Shifted\ndef scale(value):\n    return value * 2", "* 2", "* 3"),
    _own("method of a constant object", "return float(get(number))", "class Shift:\n    def __init__(self, by):\n        self.by = by\n\n    def get(self, value):\n        return value + self.by\n\n\nget = Shift(1).get", "Shift(1)", "Shift(2)"),
    _own("key of a sort", "return float(sorted([3, -4], key=_order)[0])", "def _order(value):\n    return value", "return value", "return -value"),
)  # fmt: skip

CLASS = """
from .base import Base


class Scale(Base):
    shift = 1

    def __init__(self, by=2):
        self.by = by

    @property
    def half(self):
        return self.by / 2

    @staticmethod
    def plain(value):
        return value + 1

    @classmethod
    def doubled(cls):
        return cls(4)

    def __call__(self, value):
        return self.grow(value) * self.half + self.shift


SCALE = Scale()
"""
MODEL = step("return float(SCALE(number) + Scale.plain(number) + Scale.doubled().by)", CLASS) | {
    "base.py": "class Base:\n    factor = 2\n\n    def grow(self, value):\n        return value * self.factor\n"
}
MIXED = "class One:\n    def get(self):\n        return 1\n\n\nclass Two:\n    def get(self):\n        return 2\n\n\nclass Both(One, Two):\n    pass"
META = """
class Meta(type):
    def __call__(cls, *args):
        return super().__call__(*args).value + 1


class Made(metaclass=Meta):
    def __init__(self, value):
        self.value = value
"""
FIELD = """
class Field:
    def __get__(self, instance, owner):
        return 1


class Holder:
    size = Field()
"""
HOOK = """
class Plugin:
    known = []

    def __init_subclass__(cls, **keywords):
        cls.known.append(cls)


class First(Plugin):
    size = 1
"""
MADE = 'def _size(self):\n    return 1\n\n\nMade = type("Made", (), {"size": _size})'
CLASSES = (
    _edit("attribute of a class", MODEL, ("step.py", "shift = 1", "shift = 2")),
    _edit("method", MODEL, ("step.py", "* self.half +", "* self.half -")),
    _edit("default of a method", MODEL, ("step.py", "by=2", "by=3")),
    _edit("property", MODEL, ("step.py", "self.by / 2", "self.by / 4")),
    _edit("static method", MODEL, ("step.py", "return value + 1", "return value + 2")),
    _edit("class method", MODEL, ("step.py", "cls(4)", "cls(5)")),
    _edit("inherited method", MODEL, ("base.py", "value * self.factor", "value + self.factor")),
    _edit("inherited attribute", MODEL, ("base.py", "factor = 2", "factor = 3")),
    _edit("argument of an object", MODEL, ("step.py", "SCALE = Scale()", "SCALE = Scale(6)")),
    _own("order of base classes", "return float(Both().get())", MIXED, "(One, Two)", "(Two, One)"),
    _own("metaclass", "return float(Made(number))", META, ".value + 1", ".value + 2"),
    _own("descriptor", "return float(Holder().size)", FIELD, "return 1", "return 2"),
    _own("operator of a class", "return float((Sum() + number))", "class Sum:\n    def __add__(self, other):\n        return other + 1", "other + 1", "other + 2"),
    _own("hook for subclasses", "return float(Plugin.known[0].size)", HOOK, "size = 1", "size = 2"),
    _own("class made by a call", "return float(Made().size())", MADE, "return 1", "return 2"),
    _own("cached property", "return float(Lazy().size)", "import functools\n\n\nclass Lazy:\n    @functools.cached_property\n    def size(self):\n        return 1", "return 1", "return 2"),
    _own("member of an enumeration", "return float(Mode.FAST.value)", "from enum import Enum\n\n\nclass Mode(Enum):\n    FAST = 1\n    SLOW = 2", "FAST = 1", "FAST = 3"),
    _own("helper of an enumeration's method", "return float(Mode.pick().value)", "from enum import Enum\n\n\ndef _first():\n    return 1\n\n\nclass Mode(Enum):\n    FAST = 1\n    SLOW = 2\n\n    @classmethod\n    def pick(cls):\n        return cls(_first())", "return 1", "return 2"),
    _own("member put before others", "return float(Mode.SLOW.value)", "from enum import Enum, auto\n\n\nclass Mode(Enum):\n    FAST = auto()\n    SLOW = auto()", "    FAST", "    FIRST = auto()\n    FAST"),
    _own("method by its argument's type", "return float(Kind().of(number))", "import functools\n\n\nclass Kind:\n    @functools.singledispatchmethod\n    def of(self, value):\n        return 0\n\n    @of.register\n    def _(self, value: int):\n        return 1", "value: int", "value: str"),
    _own("decorator of a class", "return float(Made().size())", "def sized(kind):\n    kind.size = lambda self: 1\n    return kind\n\n\n@sized\nclass Made:\n    pass", "self: 1", "self: 2"),
    _own("function on an object", "return float(THING.size(number))", "class Thing:\n    pass\n\n\nTHING = Thing()\nTHING.size = lambda value: value + 1", "value + 1", "value + 2"),
    _own("default of a dataclass", "return Config().rate * number", "from dataclasses import dataclass\n\n\n@dataclass\nclass Config:\n    rate: float = 0.1", "0.1", "0.2"),
    _own("default of a named tuple", "return float(Point(1).y)", "from typing import NamedTuple\n\n\nclass Point(NamedTuple):\n    x: int\n    y: int = 2", "y: int = 2", "y: int = 3"),
    _own("factory of a dataclass", "return float(sum(Config().sizes))", "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Config:\n    sizes: list = field(default_factory=lambda: [1, 2])", "[1, 2]", "[1, 3]"),
    _own("method put on a class", "return float(Thing().size())", "class Thing:\n    pass\n\n\ndef _size(self):\n    return 1\n\n\nThing.size = _size", "return 1", "return 2"),
    _own("error that is caught", "try:\n    raise Low\nexcept Base:\n    return 1.0\nexcept Exception:\n    return 2.0", "class Base(Exception):\n    pass\n\n\nclass Low(Base):\n    pass", "class Low(Base)", "class Low(Exception)"),
)  # fmt: skip


def _package(body: str, head: str, name: str) -> dict[str, str]:
    return step(body, head) | {
        f"{SITE}{name}/__init__.py": f'from importlib.metadata import version\n\n\ndef level():\n    return float(version("{name}"))\n',
        f"{SITE}{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
    }


PACKAGES = (
    _edit("version of a package", _package("return level() * number", "from newly_released import level", "newly_released"), (f"{SITE}newly_released-1.0.dist-info/METADATA", "Version: 1.0", "Version: 2.0")),
    _edit("version of a helper's package", _package("return found() * number", "from .helper import found", "newer_still") | {"helper.py": "import newer_still\n\n\ndef found():\n    return newer_still.level()\n"}, (f"{SITE}newer_still-1.0.dist-info/METADATA", "Version: 1.0", "Version: 2.0")),
)  # fmt: skip

MEANINGFUL = (*IN_THE_STEP, *VALUES, *HELPERS, *FUNCTIONS, *CLASSES, *PACKAGES)
