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
    UnionType,
)
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin
from uuid import UUID

from millwright.pipelines.fingerprint.lookup import Global, Package, Unknown
from millwright.pipelines.fingerprint.origin import (
    Origin,
    module_of,
    origin_of_module,
    package_of_module,
    public_module,
)
from millwright.pipelines.fingerprint.unit import Unit, built_in_home, global_label, home_of, origin_of_function
from millwright.pipelines.label import function_label

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        for number, unit in enumerate(self._growing_units()):
            written.append(f"#{number} {unit.text}")
            own = [unit.text]
            for label, value in unit.references:
                token = self._token(value)
                written.append(f"  {label} = {token}")
                own.append(f"{label} = {self._own(value, token)}")
            if unit.label:
                self._add_part(unit.label, unit.kind + short_digest("\n".join(own)))
            self.reads.update(dict.fromkeys(unit.reads))
            for warning in unit.warnings:
                self.warnings[warning] = None
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
        if isinstance(value, str | PurePath):
            return self._text(value)
        if value is None or isinstance(value, _AS_WRITTEN) or type(value) in _MOMENTS:
            return f"{type(value).__name__} {value!r}"
        if isinstance(value, FunctionType | BuiltinFunctionType | MethodType | functools.partial | type):
            return self._callable(value)
        if isinstance(value, _CONTAINERS):
            return self._container(value)
        if isinstance(value, ModuleType):
            return self._module(value)
        return self._object(value)

    def _found(self, found: Global | Package | Unknown) -> str:
        if isinstance(found, Package):
            return self._external(found.module)
        if isinstance(found, Unknown):
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
        text, kind = str(value), "path" if isinstance(value, PurePath) else "str"
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
        if isinstance(value, type):
            return self._class(value)
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
        key = ("container", id(value))
        if key in self._numbers:  # inside itself
            return "again"
        self._numbers[key] = -1
        kind = type(value)
        try:
            if isinstance(value, dict | MappingProxyType):
                items = [f"{self._token(one)}: {self._token(other)}" for one, other in value.items()]
                default = getattr(value, "default_factory", None)
                items += [f"default {self._token(default)}"] if default is not None else []
            else:
                items = [self._token(item) for item in value]
                items = sorted(items) if isinstance(value, set | frozenset) else items
        finally:
            del self._numbers[key]
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
        return f"{token} {bare}"


def short_digest(text: str) -> str:
    """Six signs that tell one text from another: enough to say what changed, and not what a key is made of."""
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode(errors="surrogatepass")).digest()[:5])[:6].decode()


def _instance(value: Any) -> Unit:
    """An object of one of the project's classes: the class, and what the object holds."""
    state = _state(value)
    held = tuple((name, state[name]) for name in sorted(state))
    label = f"{function_label(type(value))} object"
    return Unit(label, "object", (("class", type(value)), *held), "o")


def _state(value: Any) -> dict[str, Any]:
    state = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in {"__dict__", "__weakref__"} and hasattr(value, name):
                state[name] = getattr(value, name)
    return state
