"""Edits of small projects, one idea each: which make a step run again, and which must not.

The larger project in `tests/unit/pipelines/fingerprint/test_fingerprinter.py` has them all at once; here each stands
alone, so that nothing else can hide what it does.
"""

# ruff: noqa: E501 - a table of edits reads best with a line each
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from millwright.pipelines.fingerprint import Fingerprinter
from millwright.pipelines.source import load_pipeline

if TYPE_CHECKING:
    from pathlib import Path

STEP = "@mw.step\ndef work(x: int) -> int:\n    "
BODY = (
    STEP
    + """total = 0
    for i in range(x):
        total += i
    try:
        y = total / x
    except ZeroDivisionError as err:
        print(err)
        y = 0
    match x:
        case [first, *rest]:
            y = first
        case {"a": got, **more}:
            y = got
    if (n := y) > 3:
        y = n
    del total
    with open("x") as h:
        h.read()
    def inner(a, b=2):
        c = a + b
        return c
    f = lambda q: q + 1
    return inner(y) + f(x)
"""
)


KEYS = repr('{"first": 1, "b": 2}')  # as they stand in code


@dataclass(frozen=True)
class Edit:
    """What is replaced by what in one file of a project."""

    name: str
    old: str
    new: str
    files: Mapping[str, str] = field(repr=False)
    file: str

    def fingerprints(self, folder: Path) -> tuple[str, str]:
        """Before and after."""
        assert self.old in self.files[self.file]
        after = {**self.files, self.file: self.files[self.file].replace(self.old, self.new)}
        return fingerprint(folder / "before", self.files), fingerprint(folder / "after", after)


def edit(
    name: str, old: str, new: str, body: str, others: Mapping[str, str] | None = None, *, file: str = "pipeline.py"
) -> Edit:
    text = f"import millwright as mw\n{body}\n@mw.pipeline\ndef demo():\n    work(1)\n"
    return Edit(name, old, new, {"pipeline.py": text, **(others or {})}, file)


def fingerprint(folder: Path, files: Mapping[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    graph = load_pipeline(folder / "pipeline.py").build()
    with graph.scope.active():
        return str(Fingerprinter().of(graph.node("work").spec.function).digest)


HARMLESS = [
    edit("loop var", "for i in range(x):\n        total += i", "for k in range(x):\n        total += k", BODY),
    edit("except var", "as err:\n        print(err)", "as e:\n        print(e)", BODY),
    edit("match capture", "[first, *rest]:\n            y = first", "[one, *other]:\n            y = one", BODY),
    edit("walrus", "(n := y) > 3:\n        y = n", "(m := y) > 3:\n        y = m", BODY),
    edit("nested local", "c = a + b\n        return c", "d = a + b\n        return d", BODY),
    edit("nested function name", "inner", "helper_fn", BODY),
    edit("lambda name", "    f = lambda q: q + 1\n    return inner(y) + f(x)", "    g = lambda q: q + 1\n    return inner(y) + g(x)", BODY),
    edit("parameter of a lambda in the step", "q: q + 1", "z: z + 1", BODY),
    edit("parameter of a lambda that is handed on", "pair: -pair", "one: -one", STEP + "return sorted([x, 1], key=lambda pair: -pair)[0]\n"),
    edit("parameter of a lambda that has the name of a column", "given: given", "one: one", STEP + "row = {}\n    return max([x], key=lambda given: given) + (row['given'] if row else 0)\n"),
    edit("parameter of a lambda beside a class that takes settings", "given: given", "one: one", STEP + "import json\n    settings = json.loads('{}')\n    return max([x], key=lambda given: given) + len(dict(**settings))\n"),
    edit("parameter of a nested function", "(a, b=2):\n        c = a + b", "(first, b=2):\n        c = first + b", BODY),
    edit("parameter of a nested function with its keyword", "first", "one", STEP + "def inner(first, *, by):\n        return first - by\n    return inner(first=x, by=1)\n"),
    edit("parameter of a lambda with its keyword", "first", "one", STEP + "f = lambda first, b: first - b\n    return f(first=x, b=1)\n"),
    edit("parameter of a lambda called in its place with its keyword", "first", "one", STEP + "return (lambda first, b: first - b)(first=x, b=1)\n"),
    edit("parameter of a function in a nested one with its keyword", "first", "one", STEP + "def outer(y):\n        def inner(first):\n            return first\n        return inner(first=y)\n    return outer(x)\n"),
    edit("hint of a lambda with a keyword", "f = ", "f: object = ", STEP + "f = lambda first, b: first - b\n    return f(first=x, b=1)\n"),
    edit("parens", "total / x", "(total / x)", BODY),
    edit("trailing comma", "range(x)", "range(x,)", BODY),
    edit("add annotation", "total = 0", "total: int = 0", BODY),
    edit("nested docstring", "    c = a + b", "    'doc'\n        c = a + b", BODY),
    edit("nested annotation", "def inner(a, b=2):", "def inner(a: int, b: int = 2) -> int:", BODY),
    edit("alias of a package renamed", "np", "numpy_", "import numpy as np\n" + STEP + "return np.abs(x)\n"),
    edit("reexport unrelated", "return x\n", "return -x\n", "import pkg\n" + STEP + "return pkg.f(x)\n", {"pkg/__init__.py": "from pkg.impl import f\n", "pkg/impl.py": "def f(x):\n    return x+1\ndef g(x):\n    return x\n"}, file="pkg/impl.py"),
    edit("set const order", "{3, 1, 2}", "{1, 2, 3}", "K = {3, 1, 2}\n" + STEP + "return 1 in K\n"),
    edit("unrelated class method", "return -1", "return -2", "class Other:\n    def m(self):\n        return -1\nclass A:\n    def m(self):\n        return 1\n" + STEP + "return A().m()\n"),
    edit("comment in class", "# hi", "# ho", "class A:\n    # hi\n    def m(self):\n        return 1\n" + STEP + "return A().m()\n"),
    edit("method local rename", "zz", "yy", "class A:\n    def m(self):\n        zz = 1\n        return zz\n" + STEP + "return A().m()\n"),
    edit("method docstring", "'doc'", "'dog'", "class A:\n    def m(self):\n        'doc'\n        return 1\n" + STEP + "return A().m()\n"),
    edit("plain class annotation", "k: int = 1", "k: float = 1", "class A:\n    k: int = 1\n" + STEP + "return A().k\n"),
    edit("method order in class", "    def a(self):\n        return 1\n    def b(self):\n        return 2\n", "    def b(self):\n        return 2\n    def a(self):\n        return 1\n", "class A:\n    def a(self):\n        return 1\n    def b(self):\n        return 2\n" + STEP + "return A().a()\n"),
    edit("logging line const", "getLogger('a')", "getLogger('b')", "import logging\nlog = logging.getLogger('a')\n" + STEP + "log.info('x')\n    return x\n"),
    edit("string form", "'abc'", "'a' 'bc'", STEP + "return len('abc')\n"),
    edit("const folding", "60 * 60", "3600", "K = 60 * 60\n" + STEP + "return K\n"),
    edit("split statement lines", "a = 1; b = 2", "a = 1\n    b = 2", STEP + "a = 1; b = 2\n    return a + b\n"),
    edit("overload stubs", "def h(x: int) -> int: ...", "def h(x: float) -> float: ...", "from typing import overload\n@overload\ndef h(x: int) -> int: ...\n@overload\ndef h(x: str) -> str: ...\ndef h(x):\n    return x\n" + STEP + "return h(x)\n"),
    edit("constant unused name beside", "B = 1", "B = 2", "A = 1\nB = 1\n" + STEP + "return A\n"),
    edit("tuple constant assign", "A, B = 1, 2", "A, B = 1, 3", "A, B = 1, 2\n" + STEP + "return A\n"),
    edit("new subclass registered nowhere", "class Z: pass", "class Z(A): pass", "class A:\n    k = 1\nclass Z: pass\n" + STEP + "return A.k\n"),
    edit("float const repr", "1e3", "1000.0", STEP + "return x * 1e3\n"),
    edit("alias of project module renamed", "hh", "gg", "import h as hh\n" + STEP + "return hh.p()\n", {"h.py": "def p():\n    return 1\n"}),
    edit("alias of project function renamed", "hh", "gg", "from h import p as hh\n" + STEP + "return hh()\n", {"h.py": "def p():\n    return 1\n"}),
    edit("lambda parameter", "y: y*2", "z: z*2", "f = lambda y: y*2\n" + STEP + "return f(x)\n"),
    edit("positional parameters", "(a, b, /):\n    return a-b", "(b, a, /):\n    return b-a", "def h(a, b, /):\n    return a-b\n" + STEP + "return h(x, 1)\n"),
    edit("self of a property", "self", "me", "class A:\n    @property\n    def p(self):\n        return len(str(self))\n" + STEP + "return A().p\n"),
    edit("self that a nested function uses", "self", "me", "class A:\n    k = 1\n    def m(self):\n        def g():\n            return self.k\n        return g()\n" + STEP + "return A().m()\n"),
    edit("hint of an attribute without a value", "    k = 1\n", "    k = 1\n    n: int\n", "class A:\n    k = 1\n" + STEP + "return A().k\n"),
    edit("finally that does nothing", "        pass\n", "        pass\n    finally:\n        pass\n", STEP + "try:\n        x += 1\n    except ValueError:\n        pass\n    return x\n"),
]  # fmt: skip
MEANINGFUL = [
    edit("parameters of a lambda in the step that is called by names", "lambda first, b: first - b", "lambda b, first: b - first", STEP + "f = lambda first, b: first - b\n    return f(first=x, b=1)\n"),
    edit("parameters of a lambda in the step that is called by keys of the run", "lambda first, b: first - b", "lambda b, first: b - first", STEP + "import json\n    f = lambda first, b: first - b\n    return f(**json.loads(KEYS))\n".replace("KEYS", KEYS)),
    edit("parameters of a lambda that a helper calls by keys of the run", "lambda first, b: first - b", "lambda b, first: b - first", "import json\ndef h():\n    options = json.loads(KEYS)\n    return (lambda first, b: first - b)(**options)\n".replace("KEYS", KEYS) + STEP + "return h()\n"),
    edit("parameters of a lambda of the module called by keys of the run", "lambda first, b: first - b", "lambda b, first: b - first", "import json\nF = lambda first, b: first - b\n" + STEP + "options = json.loads(KEYS)\n    return F(**options)\n".replace("KEYS", KEYS)),
    edit("parameters of a lambda in a partial with keys of the run", "lambda first, b: first - b", "lambda b, first: b - first", "import functools, json\n" + STEP + "options = json.loads(KEYS)\n    return functools.partial(lambda first, b: first - b, **options)()\n".replace("KEYS", KEYS)),
    edit("parameters of a lambda that has two names", "lambda first, b: first - b", "lambda b, first: b - first", STEP + "f = lambda first, b: first - b\n    g = f\n    return g(first=x, b=1)\n"),
    edit("parameters of a nested function that is called by names", "inner(first, b):\n        return first - b", "inner(b, first):\n        return b - first", STEP + "def inner(first, b):\n        return first - b\n    return inner(first=x, b=1)\n"),
    edit("parameters of a nested function that is called by places", "inner(first, b)", "inner(b, first)", STEP + "def inner(first, b):\n        return first - b\n    return inner(x, 1)\n"),
    edit("parameters of a nested function that is called by keys", "inner(first, b):\n        return first - b", "inner(b, first):\n        return b - first", STEP + "def inner(first, b):\n        return first - b\n    return inner(**dict(first=x, b=1))\n"),
    edit("parameters of a nested function that is handed on", "inner(first, b):\n        return first - b", "inner(b, first):\n        return b - first", STEP + "import functools\n    def inner(first, b):\n        return first - b\n    return functools.partial(inner, first=x)(b=1)\n"),
    edit("parameters of one of two nested functions of a name", "inner(first, b):\n            return first - b", "inner(b, first):\n            return b - first", STEP + "if x:\n        def inner(first, b):\n            return first - b\n    else:\n        def inner(b, first):\n            return first + b\n    return inner(first=x, b=1)\n"),
    edit("keyword of a nested function alone", "inner(first=x)", "inner(one=x)", STEP + "def inner(first=1, **more):\n        return first\n    return inner(first=x)\n"),
    edit("parameter of a nested function alone", "inner(first=1, **more):\n        return first", "inner(one=1, **more):\n        return one", STEP + "def inner(first=1, **more):\n        return first\n    return inner(first=x)\n"),
    edit("global lambda that a nested function hides from others", "lambda first, b: first - b", "lambda b, first: b - first", "g = lambda first, b: first - b\n" + STEP + "def other():\n        def g(first, b):\n            return first\n        return g(first=1, b=2)\n    return g(first=x, b=1) + other()\n"),
    edit("lambda called by names", "lambda a, b: a-b", "lambda b, a: b-a", "f = lambda a, b: a-b\n" + STEP + "return f(a=x, b=1)\n"),
    edit("lambda called by names elsewhere", "lambda a, b: a-b", "lambda b, a: b-a", "from h import call\n" + STEP + "return call(lambda a, b: a-b)\n", {"h.py": "def call(f):\n    return f(a=1, b=2)\n"}),
    edit("lambda called by names in a dictionary", "lambda a, b: a-b", "lambda b, a: b-a", "K = {'a': 1, 'b': 2}\n" + STEP + "return (lambda a, b: a-b)(**K)\n"),
    edit("method called by the name of its first parameter", "(a, b):\n        return a-b", "(b, a):\n        return b-a", "class A:\n    def m(a, b):\n        return a-b\n" + STEP + "return A.m(a=x, b=1)\n"),
    edit("parameters of a static method", "(a, b):\n        return a-b", "(b, a):\n        return b-a", "class A:\n    @staticmethod\n    def m(a, b):\n        return a-b\n" + STEP + "return A.m(**dict(a=x, b=1))\n"),
    edit("parameters of a helper", "(a, b):\n    return a-b", "(b, a):\n    return b-a", "def h(a, b):\n    return a-b\n" + STEP + "return h(a=x, b=1)\n"),
    edit("else that does something", "else:\n        pass", "else:\n        x = 1", STEP + "for i in range(3):\n        x += i\n    else:\n        pass\n    return x\n"),
    edit("field of a named tuple without a value", "    y: int\n", "    y: int\n    z: int\n", "from typing import NamedTuple\nclass N(NamedTuple):\n    y: int\n" + STEP + "return len(N._fields)\n"),
    edit("field of a dataclass in the step", "        z: int = 2\n", "        z = 2\n", "from dataclasses import dataclass, fields\n" + STEP + "@dataclass\n    class N:\n        y: int\n        z: int = 2\n    return len(fields(N))\n"),
    edit("hint that a hook reads", "y: int = 1", "y: float = 1", "class P:\n    def __init_subclass__(cls):\n        cls.k = cls.__annotations__\nclass A(P):\n    y: int = 1\n" + STEP + "return len(str(A.k))\n"),
    edit("date of a class of one's own", "2026, 1, 1", "2026, 1, 2", "from datetime import date\nclass Day(date):\n    pass\nD = Day(2026, 1, 1)\n" + STEP + "return D.day\n"),
    edit("method of a partial of one's own", "x+1", "x+2", "import functools\nclass P(functools.partial):\n    def go(self, x):\n        return x+1\nP1 = P(max)\n" + STEP + "return P1.go(x)\n"),
    edit("queue filled in by a function", "append(1)", "append(2)", "from collections import deque\nT = {}\ndef fill():\n    T['q'] = deque()\n    T['q'].append(1)\nfill()\n" + STEP + "return T['q'][0]\n"),
    edit("table filled in by a function", "'a': [1]", "'a': [2]", "import pandas as pd\nT = {}\ndef fill():\n    T['q'] = pd.DataFrame({'a': [1]})\nfill()\n" + STEP + "return len(T['q'])\n"),
    edit("static method of an enumeration", "return 1", "return 2", "import enum\ndef h():\n    return 1\nclass E(enum.Enum):\n    A = 1\n    @staticmethod\n    def m():\n        return h()\n" + STEP + "return E.m()\n"),
    edit("value that is no member of an enumeration", "name='a'", "name='b'", "import enum, types\nclass E(enum.Enum):\n    A = 1\nE.extra = types.SimpleNamespace(name='a')\n" + STEP + "return len(E.extra.name)\n"),
    edit("nested default", "b=2", "b=3", BODY),
    edit("swap locals", "y = first", "y = rest", BODY),
    edit("except type", "ZeroDivisionError", "ValueError", BODY),
    edit("range", "range(x)", "range(1, x)", BODY),
    edit("package function swapped", "np.abs", "np.sin", "import numpy as np\n" + STEP + "return np.abs(x)\n"),
    edit("from import swapped", "import sqrt", "import floor as sqrt", "from math import sqrt\n" + STEP + "return sqrt(x)\n"),
    edit("stdlib module swapped", "import math as m", "import cmath as m", "import math as m\n" + STEP + "return m.sqrt(x)\n"),
    edit("package module swapped", "import numpy as m", "import polars as m", "import numpy as m\n" + STEP + "return m.abs(x)\n"),
    edit("package submodule swapped", "import numpy.linalg as m", "import numpy.fft as m", "import numpy.linalg as m\n" + STEP + "return m.norm(x)\n"),
    edit("package fn from-import swapped", "from numpy.linalg import norm as f", "from numpy.linalg import det as f", "from numpy.linalg import norm as f\n" + STEP + "return f(x)\n"),
    edit("package fn moved module", "from numpy.linalg import norm as f", "from numpy.random import normal as f", "from numpy.linalg import norm as f\n" + STEP + "return f(x)\n"),
    edit("inner import swapped", "from math import sqrt as f", "from math import floor as f", STEP + "from math import sqrt as f\n    return f(x)\n"),
    edit("inner import stdlib module swapped", "import math as f", "import cmath as f", STEP + "import math as f\n    return f.sqrt(x)\n"),
    edit("inner import package swapped", "import numpy as f", "import polars as f", STEP + "import numpy as f\n    return f.sqrt(x)\n"),
    edit("default of helper", "k=1", "k=2", "def h(x, k=1):\n    return x\n" + STEP + "return h(x)\n"),
    edit("kw default of helper", "k=1", "k=2", "def h(x, *, k=1):\n    return x\n" + STEP + "return h(x)\n"),
    edit("default naming a constant", "K = 1", "K = 2", "K = 1\ndef h(x, k=K):\n    return x\n" + STEP + "return h(x)\n"),
    edit("decorator arg", "twice(2)", "twice(3)", "def twice(n):\n    def deco(f):\n        def w(x):\n            return f(x)*n\n        return w\n    return deco\n@twice(2)\ndef h(x):\n    return x\n" + STEP + "return h(x)\n"),
    edit("decorator elsewhere", "*2", "*3", "from deco import d\n@d\ndef h(x):\n    return x\n" + STEP + "return h(x)\n", {"deco.py": "def d(f):\n    def w(x):\n        return f(x)*2\n    return w\n"}, file="deco.py"),
    edit("decorator on the step itself", "*2", "*3", "from deco import d\n@mw.step\n@d\ndef work(x: int) -> int:\n    return x\n", {"deco.py": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(x):\n        return f(x)*2\n    return w\n"}, file="deco.py"),
    edit("step body below decorator", "return x\n", "return x+1\n", "from deco import d\n@mw.step\n@d\ndef work(x: int) -> int:\n    return x\n", {"deco.py": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(x):\n        return f(x)*2\n    return w\n"}),
    edit("class decorator", "K = 1", "K = 2", "K = 1\ndef d(c):\n    c.k = K\n    return c\n@d\nclass A:\n    pass\n" + STEP + "return A.k\n"),
    edit("inherited method in other module", "*2", "*3", "import base\nclass A(base.Base):\n    pass\n" + STEP + "return A().m(x)\n", {"base.py": "class Base:\n    def m(self, x):\n        return x*2\n"}, file="base.py"),
    edit("mixin", "*2", "*3", "from base import Mix\nclass B: pass\nclass A(Mix, B):\n    pass\n" + STEP + "return A().m(x)\n", {"base.py": "class Mix:\n    def m(self, x):\n        return x*2\n"}, file="base.py"),
    edit("metaclass", "*2", "*3", "class M(type):\n    def m(cls, x):\n        return x*2\nclass A(metaclass=M):\n    pass\n" + STEP + "return A.m(x)\n"),
    edit("init_subclass", "= 2", "= 3", "class P:\n    def __init_subclass__(cls):\n        cls.k = 2\nclass A(P):\n    pass\n" + STEP + "return A.k\n"),
    edit("descriptor", "return 2", "return 3", "class D:\n    def __get__(self, i, o):\n        return 2\nclass A:\n    k = D()\n" + STEP + "return A().k\n"),
    edit("nested class", "k = 1", "k = 2", "class A:\n    class B:\n        k = 1\n" + STEP + "return A.B.k\n"),
    edit("method helper function", "x+1", "x+2", "def h(x):\n    return x+1\nclass A:\n    def m(self, x):\n        return h(x)\n" + STEP + "return A().m(x)\n"),
    edit("slots class attr via instance", "A(1)", "A(2)", "class A:\n    __slots__ = ('k',)\n    def __init__(self, k):\n        self.k = k\na = A(1)\n" + STEP + "return a.k\n"),
    edit("dict dispatch", "x+1", "x+2", "def h(x):\n    return x+1\nT = {'h': h}\n" + STEP + "return T['h'](x)\n"),
    edit("list registered", "x+1", "x+2", "R = []\ndef reg(f):\n    R.append(f)\n    return f\n@reg\ndef h(x):\n    return x+1\n" + STEP + "return R[0](x)\n"),
    edit("registered in another module imported", "x+1", "x+2", "import plug\nfrom reg import R\n" + STEP + "return R[0](x)\n", {"reg.py": "R = []\ndef reg(f):\n    R.append(f)\n    return f\n", "plug.py": "from reg import reg\n@reg\ndef h(x):\n    return x+1\n"}, file="plug.py"),
    edit("bound method constant", "A(1)", "A(2)", "class A:\n    def __init__(self, k):\n        self.k = k\n    def m(self, x):\n        return x+self.k\nm = A(1).m\n" + STEP + "return m(x)\n"),
    edit("partial nested", "partial(h, 1)", "partial(h, 2)", "from functools import partial\ndef h(a, b):\n    return a+b\nf = partial(h, 1)\n" + STEP + "return f(x)\n"),
    edit("partialmethod", "partialmethod(m, 1)", "partialmethod(m, 2)", "from functools import partialmethod\nclass A:\n    def m(self, a):\n        return a\n    q = partialmethod(m, 1)\n" + STEP + "return A().q()\n"),
    edit("star import", "x+1", "x+2", "from h import *\n" + STEP + "return f(x)\n", {"h.py": "def f(x):\n    return x+1\n"}, file="h.py"),
    edit("reexport", "x+1", "x+2", "import pkg\n" + STEP + "return pkg.f(x)\n", {"pkg/__init__.py": "from pkg.impl import f\n", "pkg/impl.py": "def f(x):\n    return x+1\ndef g(x):\n    return x\n"}, file="pkg/impl.py"),
    edit("dotted import", "x+1", "x+2", "import pkg.sub.impl\n" + STEP + "return pkg.sub.impl.f(x)\n", {"pkg/__init__.py": "", "pkg/sub/__init__.py": "", "pkg/sub/impl.py": "def f(x):\n    return x+1\n"}, file="pkg/sub/impl.py"),
    edit("relative import inside", "x+1", "x+2", "from pkg import a\n" + STEP + "return a.g(x)\n", {"pkg/__init__.py": "", "pkg/a.py": "def g(x):\n    from .b import f\n    return f(x)\n", "pkg/b.py": "def f(x):\n    return x+1\n"}, file="pkg/b.py"),
    edit("lazy import module method", "x+1", "x+2", "class A:\n    def g(self, x):\n        import pkg.b\n        return pkg.b.C().f(x)\n" + STEP + "return A().g(x)\n", {"pkg/__init__.py": "", "pkg/b.py": "class C:\n    def f(self, x):\n        return x+1\n"}, file="pkg/b.py"),
    edit("conditional def", "x+1", "x+2", "try:\n    import notthere\nexcept ImportError:\n    def h(x):\n        return x+1\n" + STEP + "return h(x)\n"),
    edit("computed constant", "range(3)", "range(4)", "K = [i*i for i in range(3)]\n" + STEP + "return K[0]\n"),
    edit("constant via helper at import", "return 5", "return 6", "def mk():\n    return 5\nK = mk()\n" + STEP + "return K\n"),
    edit("constant of opaque via helper", "'a'", "'b'", "import numpy as np\ndef mk():\n    return np.dtype([('a', 'i4')])\nK = mk()\n" + STEP + "return K.itemsize\n"),
    edit("pandas constant", "[1, 2]", "[1, 3]", "import pandas as pd\nK = pd.DataFrame({'a': [1, 2]})\n" + STEP + "return len(K)\n"),
    edit("polars expr constant", "'a'", "'b'", "import polars as pl\nK = pl.col('a')\n" + STEP + "return len(str(K))\n"),
    edit("polars schema", "pl.Int64", "pl.Int32", "import polars as pl\nK = {'a': pl.Int64}\n" + STEP + "return len(K)\n"),
    edit("sklearn object const", "C=1.0", "C=2.0", "from sklearn.linear_model import LogisticRegression\nK = LogisticRegression(C=1.0)\n" + STEP + "return K.C\n"),
    edit("regex", "'a+'", "'b+'", "import re\nK = re.compile('a+')\n" + STEP + "return bool(K.match('a'))\n"),
    edit("enum value", "A = 1", "A = 2", "import enum\nclass E(enum.Enum):\n    A = 1\n" + STEP + "return E.A.value\n"),
    edit("enum method", "+ 1", "+ 2", "import enum\nclass E(enum.Enum):\n    A = 1\n    def m(self):\n        return self.value + 1\n" + STEP + "return E.A.m()\n"),
    edit("namedtuple default", "y: int = 1", "y: int = 2", "from typing import NamedTuple\nclass N(NamedTuple):\n    y: int = 1\n" + STEP + "return N().y\n"),
    edit("dataclass default factory", "[1]", "[2]", "from dataclasses import dataclass, field\n@dataclass\nclass N:\n    y: list = field(default_factory=lambda: [1])\n" + STEP + "return N().y[0]\n"),
    edit("dataclass frozen", "@dataclass(frozen=True)", "@dataclass(frozen=False)", "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass N:\n    y: int = 1\n" + STEP + "return N().y\n"),
    edit("generator helper", "yield x\n", "yield x+1\n", "def h(x):\n    yield x\n" + STEP + "return list(h(x))[0]\n"),
    edit("contextmanager", "yield 1", "yield 2", "from contextlib import contextmanager\n@contextmanager\ndef h():\n    yield 1\n" + STEP + "with h() as v:\n        return v\n"),
    edit("lambda const", "y*2", "y*3", "f = lambda y: y*2\n" + STEP + "return f(x)\n"),
    edit("two lambdas on one line", "y*3]", "y*4]", "fs = [lambda y: y*2, lambda y: y*3]\n" + STEP + "return fs[1](x)\n"),
    edit("lambda in default", "y*2", "y*3", "def h(x, f=lambda y: y*2):\n    return f(x)\n" + STEP + "return h(x)\n"),
    edit("f-string spec", ":.2f", ":.3f", STEP + "return len(f'{x:.2f}')\n"),
    edit("global statement", "K = 1", "K = 2", "K = 1\ndef h():\n    global K\n    K += 1\n    return K\n" + STEP + "return h()\n"),
    edit("dict order", "{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", "K = {'a': 1, 'b': 2}\n" + STEP + "return list(K)[0]\n"),
    edit("TYPE_CHECKING else", "K = 1", "K = 2", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    K: int\nelse:\n    K = 1\n" + STEP + "return K\n"),
    edit("monkeypatch", "return 7", "return 8", "import base\ndef mine(self):\n    return 7\nbase.B.m = mine\n" + STEP + "return base.B().m()\n", {"base.py": "class B:\n    def m(self):\n        return 1\n"}),
    edit("module attr patched", "base.K = 3", "base.K = 4", "import base\nbase.K = 3\n" + STEP + "return base.f()\n", {"base.py": "K = 1\ndef f():\n    return K\n"}),
    edit("cached_property", "return 1", "return 2", "from functools import cached_property\nclass A:\n    @cached_property\n    def p(self):\n        return 1\n" + STEP + "return A().p\n"),
    edit("getattr on instance", "return 1", "return 2", "class A:\n    def p(self):\n        return 1\n" + STEP + "return getattr(A(), 'p')()\n"),
    edit("getattr on module", "return 1", "return 2", "import h\n" + STEP + "return getattr(h, 'p')()\n", {"h.py": "def p():\n    return 1\n"}, file="h.py"),
    edit("callable object", "return 1", "return 2", "class A:\n    def __call__(self, x):\n        return 1\na = A()\n" + STEP + "return a(x)\n"),
    edit("operator overload", "return 1", "return 2", "class A:\n    def __add__(self, x):\n        return 1\na = A()\n" + STEP + "return a + x\n"),
    edit("custom exception", "code = 1", "code = 2", "class E(Exception):\n    code = 1\n" + STEP + "try:\n        raise E\n    except E as e:\n        return e.code\n"),
    edit("property of other class attr via module instance", "K = 1", "K = 2", "from cfg import c\n" + STEP + "return c.K\n", {"cfg.py": "class C:\n    K = 1\nc = C()\n"}, file="cfg.py"),
    edit("SimpleNamespace", "k=1", "k=2", "from types import SimpleNamespace\nC = SimpleNamespace(k=1)\n" + STEP + "return C.k\n"),
    edit("mapping proxy/ChainMap", "'k': 1", "'k': 2", "from collections import ChainMap\nC = ChainMap({'k': 1})\n" + STEP + "return C['k']\n"),
    edit("deque", "[1]", "[2]", "from collections import deque\nC = deque([1])\n" + STEP + "return C[0]\n"),
    edit("Counter", "'aa'", "'ab'", "from collections import Counter\nC = Counter('aa')\n" + STEP + "return C['a']\n"),
    edit("itemgetter", "itemgetter(1)", "itemgetter(2)", "from operator import itemgetter\nf = itemgetter(1)\n" + STEP + "return f([1,2,3])\n"),
    edit("inner class in step", "k = 1", "k = 2", STEP + "class A:\n        k = 1\n    return A.k\n"),
    edit("async helper", "return 1", "return 2", "import asyncio\nasync def h():\n    return 1\n" + STEP + "return asyncio.run(h())\n"),
    edit("step calling another step inside", "return x+1", "return x+2", "@mw.step\ndef other(x: int) -> int:\n    return x+1\n" + STEP + "return other(x)\n"),
    edit("int vs float", "* 1", "* 1.0", STEP + "return x * 1\n"),
    edit("bool vs int", "True", "1", STEP + "return True\n"),
]  # fmt: skip


@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.name)
def test_edit_that_changes_no_result_makes_nothing_run_again(tmp_path: Path, change: Edit) -> None:
    before, after = change.fingerprints(tmp_path)
    assert before == after


@pytest.mark.parametrize("change", MEANINGFUL, ids=lambda change: change.name)
def test_edit_that_changes_what_a_step_computes_makes_it_run_again(tmp_path: Path, change: Edit) -> None:
    before, after = change.fingerprints(tmp_path)
    assert before != after
