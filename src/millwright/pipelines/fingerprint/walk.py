"""What a function reaches, written down so that neither names of modules nor addresses count.

Units are numbered in the order in which they are reached. A unit's line holds its own text; the lines below say what it
reaches: values as they are, other units by their number. Two functions with the same lines do the same.
"""

from __future__ import annotations

import base64
import enum
import functools
import hashlib
import logging
import os.path
import re
from array import array
from collections import ChainMap, UserDict, UserList, UserString, deque
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePath
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    GenericAlias,
    MappingProxyType,
    MethodType,
    ModuleType,
    NotImplementedType,
    SimpleNamespace,
    UnionType,
)
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin
from uuid import UUID

from millwright.pipelines.fingerprint.calling import ANY
from millwright.pipelines.fingerprint.lookup import Global, Package, Unknown
from millwright.pipelines.fingerprint.origin import (
    Origin,
    module_of,
    origin_of_module,
    package_of_module,
    public_module,
)
from millwright.pipelines.fingerprint.table import table_digest
from millwright.pipelines.fingerprint.unit import Unit, built_in_home, global_label, home_of, origin_of_function
from millwright.pipelines.label import function_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from millwright.pipelines.fingerprint.unit import UnitReader

_AS_WRITTEN = (
    *(int, float, complex, bytes, bytearray, range, slice, Decimal, Fraction, UUID),
    *(EllipsisType, NotImplementedType),
)
_MOMENTS = (date, datetime, time, timedelta, tzinfo)
# No other mappings: `os.environ` is one.
_CONTAINERS = (dict, MappingProxyType, list, tuple, set, frozenset)
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")
_LEVELS_UP = 3  # a path this near the file it is used in is meant relative to it


_NUMBERED = re.compile(r"#(\d+)")
_OF_PARTS = re.compile(r"(^| from )#\d+$")


class Walk:
    """One walk from one root.

    Args:
        reader: Makes units.
    """

    def __init__(self, reader: UnitReader) -> None:
        self._reader = reader
        self._numbers: dict[Any, int] = {}
        self._kept: list[Any] = []  # ids are only unique among things that live
        self._opaque = 0  # how many values were met that cannot be looked into
        self._folder = ""  # of the file that the present value is written in
        self._called: set[str] = set()  # names that arguments may be given by
        self._is_stated = False  # whether statements stand for the present value where it cannot be looked into
        self.units: list[Unit] = []
        self.parts: dict[str, str] = {}
        self.packages: set[str] = set()
        self.reads: dict[str, None] = {}
        self.warnings: dict[str, None] = {}

    def lines(self, root: FunctionType) -> list[str]:
        """Everything that a function reaches.

        What it is by parts stands in `parts` afterwards, by label: `f` (function), `c` (class), `m` (whole file), `o`
        (object) or `v` (value of a global) and a digest; of a number the number itself after `=`.
        """
        self._unit(id(root), root, lambda: self._reader.function(root, is_root=True))
        written: list[str] = []
        parts: list[list[str]] = []
        for number, unit in enumerate(self._growing_units()):
            written.append(f"#{number} {unit.text}")
            own = [unit.text]
            for label, value in unit.references:
                token = self._token(value)
                written.append(f"  {label} = {token}")
                own.append(f"{label} = {self._own(value, token)}")
            parts.append(own)
            self._called |= unit.called
            self.reads.update(dict.fromkeys(unit.reads))
            for warning in unit.warnings:
                self.warnings[warning] = None
        for number, (unit, own) in enumerate(zip(self.units, parts, strict=True)):
            names = ",".join(name if name in self._called or ANY in self._called else "" for name in unit.loose)
            if names.strip(","):
                written.append(f"names in #{number} {names}")
                own.append(names)
            if unit.label:
                self._add_part(unit.label, unit.kind + short_digest("\n".join(own)))
        return written

    def _own(self, value: Any, token: str) -> str:
        """What a value is for the part that refers to it: parts of their own are named, and tell of themselves."""
        named = _NUMBERED.sub(lambda found: self.units[int(found[1])].label, token)
        has_part = token.startswith(("package ", "python ")) or bool(_OF_PARTS.search(token))
        if not isinstance(value, Global) or has_part:
            return named
        is_number = type(value.value) in {int, float, bool}
        self.parts[global_label(value)] = f"={value.value!r}" if is_number else f"v{short_digest(named)}"
        return ""

    def _add_part(self, label: str, shown: str) -> None:
        known = self.parts.get(label)  # several lambdas, or closures of one function, share a label
        self.parts[label] = shown if known is None else shown[0] + short_digest(known + shown)

    def _growing_units(self) -> Iterable[Unit]:
        position = 0
        while position < len(self.units):
            yield self.units[position]
            position += 1

    def _unit(self, key: Any, keep: Any, make: Any) -> str:
        if key not in self._numbers:
            self._numbers[key] = len(self.units)
            self._kept.append(keep)
            self.units.append(Unit("", ""))  # its number is taken before what is inside asks for one
            self.units[self._numbers[key]] = make()
        return f"#{self._numbers[key]}"

    def _token(self, value: Any) -> str:
        """A value in one line."""
        if isinstance(value, Global | Package | Unknown):
            return self._found(value)
        if isinstance(value, enum.Enum):
            return f"{self._token(type(value))}.{value.name}"
        if isinstance(value, type):
            return self._class(value)
        token = self._built_in(value)
        if not token:
            return self._module(value) if isinstance(value, ModuleType) else self._object(value)
        return f"{token} {self._derived(value)}" if _is_of_project(type(value)) else token

    def _built_in(self, value: Any) -> str:
        """What a value is for Python, if it is of Python's most usual types or derived from one."""
        if isinstance(value, str | PurePath):
            return self._text(value)
        if value is None or isinstance(value, _AS_WRITTEN) or type(value) in _MOMENTS:
            return f"{type(value).__name__} {_shown(value)}"
        if isinstance(value, date | time | timedelta) and _is_of_project(type(value)):
            return f"{type(value).__name__} {_shown(value)}"
        if isinstance(value, FunctionType | BuiltinFunctionType | MethodType | functools.partial):
            return self._callable(value)
        return self._container(value) if isinstance(value, _CONTAINERS) else ""

    def _derived(self, value: Any) -> str:
        """What one of the project's classes adds to the type of Python's that it is derived from."""
        if not _state(value):
            return f"of {self._class(type(value))}"
        return f"of {self._unit(id(value), value, lambda: _instance(value))}"

    def _found(self, found: Global | Package | Unknown) -> str:
        if isinstance(found, Package):
            return self._external(found.module)
        if isinstance(found, Unknown):
            if found.is_missed:
                told = f"'{found.name}' cannot be imported now, so what it will be when the step runs does not count"
                self.warnings[told] = None
            return "unknown"
        before, outer = self._opaque, (self._folder, self._is_stated)
        self._folder = os.path.dirname(str(found.namespace.get("__file__") or ""))  # noqa: PTH120 - may be no path
        self._is_stated = bool(self._reader.statements(found))
        token = self._token(found.value)
        if self._opaque == before or not self._is_stated:
            self._folder, self._is_stated = outer
            return token
        self._folder, self._is_stated = outer
        key = (id(found.namespace), found.name)
        return f"{token} from {self._unit(key, found, lambda: self._reader.constant(found))}"

    def _text(self, value: str | PurePath) -> str:
        is_path = isinstance(value, PurePath)
        text, kind = (str(value), "path") if is_path else (str.__str__(value), "str")
        if self._folder and os.path.isabs(text):  # noqa: PTH117 - any text may come
            near = os.path.relpath(text, self._folder).replace(os.sep, "/")
            if near.split("/").count("..") <= _LEVELS_UP:
                return f"{kind} beside the file {near!r}"
        return f"{kind} {text!r}"

    def _callable(self, value: Any) -> str:
        if isinstance(value, MethodType):
            return f"method {self._token(value.__func__)} of {self._token(value.__self__)}"
        if isinstance(value, functools.partial):
            return f"partial {self._token((value.func, value.args, value.keywords))}"
        if isinstance(value, BuiltinFunctionType):
            home, owner = built_in_home(value)
            held = f" of {self._token(owner)}" if owner is not None else ""
            return f"{self._external(home)} {value.__qualname__}{held}"
        if origin_of_function(value) is Origin.PROJECT:
            return self._unit(id(value), value, lambda: self._reader.function(value))
        token = f"{self._external(home_of(value))} {value.__code__.co_qualname}"
        if value.__closure__ or "__wrapped__" in value.__dict__:
            return f"{token} {self._unit(id(value), value, lambda: self._reader.foreign(value))}"
        return token

    def _class(self, kind: type) -> str:
        if origin_of_module(module_of(kind)) is Origin.PROJECT:
            return self._unit(id(kind), kind, lambda: self._reader.klass(kind))
        return f"{self._external(module_of(kind))} {kind.__qualname__}"

    def _external(self, module: str) -> str:
        """Whose code something is that has no source in the project."""
        origin = origin_of_module(module)
        if origin is Origin.PACKAGE:
            self.packages.add(package_of_module(module))
            return f"package {module}"
        return f"python {public_module(module)}" if origin is Origin.PYTHON else self._reader.binary(module)

    def _container(self, value: Any) -> str:
        return self._once(value, lambda: self._items(value))

    def _once(self, value: Any, make: Callable[[], str]) -> str:
        key = ("container", id(value))
        if key in self._numbers:  # inside itself
            return "again"
        self._numbers[key] = -1
        try:
            return make()
        finally:
            del self._numbers[key]

    def _items(self, value: Any) -> str:
        kind = type(value)
        if isinstance(value, dict | MappingProxyType):
            items = [f"{self._token(one)}: {self._token(other)}" for one, other in value.items()]
            self._called.update(key for key in value if isinstance(key, str))
            default = getattr(value, "default_factory", None)
            items += [f"default {self._token(default)}"] if default is not None else []
        else:
            items = [self._token(item) for item in value]
            items = sorted(items) if isinstance(value, set | frozenset) else items
        name = kind.__name__ if module_of(kind) in {"builtins", "collections"} else self._token(kind)
        return f"{name}[{', '.join(items)}]"

    def _module(self, module: ModuleType) -> str:
        if origin_of_module(module.__name__) is Origin.PROJECT:
            return self._unit(id(module), module, lambda: self._reader.module(module))
        return self._external(module.__name__)

    def _object(self, value: Any) -> str:
        kind = type(value)
        if module_of(kind) == "numpy" and kind.__name__ == "ndarray" and not value.dtype.hasobject:
            self._external("numpy")
            return f"array {value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
        if isinstance(value, re.Pattern):
            return f"pattern {value.pattern!r} {value.flags}"
        if isinstance(value, staticmethod | classmethod):
            return f"{kind.__name__} {self._token(value.__func__)}"
        if isinstance(value, property):
            return f"property {self._token((value.fget, value.fset, value.fdel))}"
        if isinstance(value, TypeVar | UnionType | GenericAlias) or module_of(kind) == "typing":
            return f"hint {self._token((get_origin(value), get_args(value)))}"
        if "__wrapped__" in getattr(value, "__dict__", ()):
            return f"wrapped {self._class(kind)} {self._token(value.__wrapped__)}"
        if origin_of_module(module_of(kind)) is Origin.PROJECT:
            return self._unit(id(value), value, lambda: _instance(value))
        return self._foreign_object(value)

    def _foreign_object(self, value: Any) -> str:
        """An object of a package or of Python's: by what it shows of itself, unless statements stand for it."""
        kind = type(value)
        token = f"{self._external(module_of(kind))} {kind.__qualname__}"
        if isinstance(value, logging.Logger):
            return token
        if (held := _held(value)) is not None:
            return f"{token} {self._once(value, lambda: self._token(held))}"
        if content := table_digest(value):
            return f"{token} {content}"
        self._opaque += 1
        name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        if isinstance(name, str):  # a callable of C code, such as `str.upper`
            return f"{token} {name}"
        if self._is_stated:
            return token
        shown = repr(value)
        if origin_of_module(module_of(kind)) is Origin.PYTHON and shown.startswith("<"):  # locks, threads, …
            return token
        bare = _ADDRESS.sub("", shown)
        if bare != shown:
            told = f"a value of type {module_of(kind)}.{kind.__qualname__} counts only as it shows itself: {bare:.60}"
            self.warnings[told] = None
        whole = _ADDRESS.sub("", str(value))  # Polars' expressions abridge themselves in the other form
        return f"{token} {bare}" if whole == bare else f"{token} {bare} {whole}"


def short_digest(text: str) -> str:
    """Six signs that tell one text from another: enough to say what changed, and not what a key is made of."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:5])[:6].decode()


def _instance(value: Any) -> Unit:
    """An object of one of the project's classes: the class, and what the object holds."""
    state = _state(value)
    held = tuple((name, state[name]) for name in sorted(state))
    contents = (("contents", each) for each in (_held(value),) if each is not None)
    label = f"{function_label(type(value))} object"
    return Unit(label, "object", (("class", type(value)), *held, *contents), "o")


def _is_of_project(kind: type) -> bool:
    return kind.__module__ != "builtins" and origin_of_module(module_of(kind)) is Origin.PROJECT


def _shown(value: Any) -> str:
    """How the type of others shows a value that the project's is derived from; that one may show anything."""
    kind: Any = next(kind for kind in type(value).__mro__ if not _is_of_project(kind))
    return _ADDRESS.sub("", kind.__repr__(value))


def _held(value: Any) -> Any:
    """What an object of the standard library holds, where that is all there is to it; None for others."""
    if isinstance(value, deque):
        return tuple(value), value.maxlen
    if isinstance(value, array):
        return value.typecode, value.tobytes()
    if isinstance(value, ChainMap):
        return value.maps
    if isinstance(value, UserDict | UserList | UserString):
        return value.data
    name = f"{module_of(type(value))}.{type(value).__name__}"
    return vars(value) if isinstance(value, SimpleNamespace) or name == "argparse.Namespace" else None


def _state(value: Any) -> dict[str, Any]:
    state = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            is_private = name.startswith("__") and not name.endswith("__")
            written = f"_{kind.__name__.lstrip('_')}{name}" if is_private else name
            if name not in {"__dict__", "__weakref__"} and hasattr(value, written):
                state[written] = getattr(value, written)
    return state
