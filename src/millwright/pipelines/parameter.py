"""Parameters of pipelines: checked against their annotations, read from text."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import dataclass, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path, PurePath
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from millwright.core.errors import InvalidInputError, PipelineDefinitionError, closest
from millwright.pipelines.annotations import is_external
from millwright.pipelines.checked_hints import checked_hints
from millwright.pipelines.compatibility import is_instance, runtime_class
from millwright.pipelines.hint import alternatives, describe, field_hints

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MISSING = inspect.Parameter.empty
_TRUE, _FALSE = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}
_CONTAINERS = (list, tuple, set, frozenset, dict)
_NOTHING = {"none", "null", ""}
_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    Path: "a path",
    date: "a date such as 2026-11-30",
    datetime: "a time such as 2026-11-30T02:00",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Parameter:
    """One parameter of a pipeline.

    Attributes:
        hint: Its annotation as a type; `Any` when there is none.
        default: `MISSING` when it must be given.
        help: Its line in the docstring's `Args:` section.
    """

    name: str
    hint: Any = Any
    default: Any = MISSING
    help: str = ""

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        return self.default is MISSING

    def coerce(self, value: Any) -> Any:
        """The value in the parameter's type; text is read as on the command line.

        Raises:
            InvalidInputError: It is not of that type and cannot be read as it.
        """
        try:
            return coerce(value, self.hint)
        except ValueError as error:
            raise InvalidInputError(f"Parameter '{self.name}': expected {error}, found {value!r}.") from error

    def describe(self) -> str:
        """One line for `--help`."""
        option = f"--{self.name.replace('_', '-')} {expected(self.hint)}"
        fate = "required" if self.required else f"default {_shown(self.default)}"
        return f"{option}  ({fate}){f'  {self.help}' if self.help else ''}"


def read_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The parameters of a pipeline function, in order.

    Raises:
        PipelineDefinitionError: It takes any number of arguments, or an annotation is no type.
    """
    called = getattr(function, "__name__", "")
    for found in inspect.signature(function).parameters.values():
        stars = "*" if found.kind is found.VAR_POSITIONAL else "**" if found.kind is found.VAR_KEYWORD else ""
        if stars:
            raise PipelineDefinitionError(
                f"Pipeline '{called}' takes {stars}{found.name}.",
                hint="Name its parameters, or take a list.",
            )
    hints, wrong = checked_hints(function, f"pipeline '{called}'", with_result=False)
    if wrong:
        raise PipelineDefinitionError(" ".join(wrong))
    helps = _documented(function)
    return tuple(
        Parameter(name=name, hint=hints.get(name, Any), default=found.default, help=helps.get(name, ""))
        for name, found in inspect.signature(function).parameters.items()
    )


def bind_parameters(
    parameters: tuple[Parameter, ...], given: Mapping[str, Any], *, pipeline: str, place: str = "FILE"
) -> dict[str, Any]:
    """A value for every parameter.

    Args:
        parameters: What the pipeline takes.
        given: Values, or text as written on the command line.
        pipeline: Its name, for messages.
        place: `file.py:name`, for messages.

    Raises:
        InvalidInputError: One is missing, unknown or of the wrong type; all such mistakes in one message.
    """
    known = {parameter.name: parameter for parameter in parameters}
    mistakes = [
        f"There is no parameter '{name}'. {closest(name, known)}".strip() for name in given if name not in known
    ]
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        if name not in given:
            if parameter.required:
                mistakes.append(f"Parameter '{name}' is missing: expected {expected(parameter.hint)}.")
            if parameter.required or parameter.default is None:
                values[name] = parameter.default
                continue
        try:
            values[name] = parameter.coerce(given.get(name, parameter.default))
        except InvalidInputError as error:
            mistakes.append(error.message)
    if mistakes:
        hint = f"See its parameters with: mw run {place} --help"
        raise InvalidInputError(f"Pipeline '{pipeline}': {' '.join(mistakes)}", hint=hint)
    return values


def coerce(value: Any, hint: Any) -> Any:
    """A value in the type asked for.

    Raises:
        ValueError: It does not fit; the message says what was expected.
    """
    if is_external(value):
        return value if _names_files(value, hint) else _expect(hint)
    if is_instance(value, hint):
        kinds = alternatives(hint)
        # 1 and 1.0 are one value for a float parameter, and so have one cache key.
        if type(value) is int and float in kinds and int not in kinds:
            return float(value)
        return _with_fitting_items(value, hint) if type(value) in _CONTAINERS else value
    for kind in alternatives(hint):
        try:
            return _convert(value, kind)
        except (ValueError, TypeError, KeyError):
            continue
    raise ValueError(expected(hint))


def _with_fitting_items(value: Any, hint: Any) -> Any:
    """A list or dictionary with its items in the types asked for.

    Raises:
        ValueError: An item does not fit.
    """
    for kind in alternatives(hint):
        if not is_instance(value, kind):
            continue
        members = get_args(kind)
        if not members or runtime_class(kind) not in _CONTAINERS:
            return value
        try:
            return _items(value, members)
        except ValueError:
            continue
    raise ValueError(expected(hint))


def _items(value: Any, members: tuple[Any, ...]) -> Any:
    if isinstance(value, dict):
        return {coerce(key, members[0]): coerce(inner, members[1]) for key, inner in value.items()}
    if not isinstance(value, tuple) or members[-1] is ...:
        return type(value)(coerce(item, members[0]) for item in value)
    return tuple(coerce(item, member) for item, member in zip(value, members, strict=True))


def _names_files(value: Any, hint: Any) -> bool:
    """Whether a parameter can take what `mw.external` stands for: text or a path, or a list of them."""
    wanted = (list, tuple) if isinstance(value, list | tuple) else (str, PurePath)
    for kind in alternatives(hint):
        found = runtime_class(kind)
        if found is None:
            return True
        if issubclass(found, wanted):
            members = get_args(kind)
            return not members or wanted == (str, PurePath) or _names_files(value[0], members[0])
    return False


def _expect(hint: Any) -> Any:
    raise ValueError(expected(hint))


def expected(hint: Any) -> str:
    """A type in words: "a whole number", "one of a, b"."""
    words = [_expected_one(kind) for kind in alternatives(hint) if kind is not NoneType]
    return " or ".join(dict.fromkeys(words)) or "nothing"


def _expected_one(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(value) for value in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    if is_dataclass(runtime_class(kind)):
        fields = ", ".join(f"{name}: {describe(hint)}" for name, hint in field_hints(kind).items())
        return f"{describe(kind)}({fields})"
    return _WORDS.get(kind) or ("a value" if runtime_class(kind) is None else describe(kind))


def _convert(value: Any, kind: Any) -> Any:
    """Read text (or a plain JSON value) as a type.

    Raises:
        ValueError: Or TypeError or KeyError: it does not fit.
    """
    if get_origin(kind) is Literal:
        fitting = [allowed for allowed in get_args(kind) if str(allowed) == str(value)]
        return fitting[0] if fitting else _refuse()
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((m for m in kind if str(value) in {str(m.value), m.name}), None) or _refuse()
    if kind in {date, datetime} and isinstance(value, str):
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, PurePath) and isinstance(value, str):
        return kind(value)
    if not isinstance(value, str):
        return _convert_plain(value, kind)
    if kind in _READERS:
        return _READERS[kind](value)
    return _convert_plain(json.loads(value) if value.lstrip()[:1] in {"[", "{"} else value.split(","), kind)


def _convert_plain(value: Any, kind: Any) -> Any:
    import msgspec

    found = runtime_class(kind)
    if isinstance(value, list | tuple | dict) and found in _CONTAINERS:
        return _refuse() if _has_surplus(value, kind) else msgspec.convert(value, kind, strict=False)
    if isinstance(value, dict) and is_dataclass(found):
        return _refuse() if _has_surplus(value, kind) else msgspec.convert(value, kind)
    return _refuse()


def _has_surplus(value: Any, hint: Any) -> bool:
    """Whether a dictionary inside has a key that its dataclass has no field for; msgspec would pass over it."""
    for kind in alternatives(hint):
        if isinstance(value, dict) and is_dataclass(runtime_class(kind)):
            known = field_hints(kind)
            return any(key not in known or _has_surplus(inner, known[key]) for key, inner in value.items())
        members = [member for member in get_args(kind) if member is not ...]
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
        if members and any(_has_surplus(item, members[-1]) for item in items):
            return True
    return False


def _read_bool(text: str) -> bool:
    word = text.strip().lower()
    return word in _TRUE or (word not in _FALSE and _refuse())


def _read_nothing(text: str) -> None:
    if text.strip().lower() not in _NOTHING:
        _refuse()


def _refuse() -> Any:
    raise ValueError


_READERS: Mapping[Any, Callable[[str], Any]] = {bool: _read_bool, int: int, float: float, NoneType: _read_nothing}


def _shown(value: Any) -> str:
    return str(value.value) if isinstance(value, Enum) else str(value)


def _documented(function: Callable[..., Any]) -> dict[str, str]:
    """Parameter → first line, from a Google-style `Args:` section."""
    section = re.search(r"^Args:\n((?:[ \t]+.*\n?|\n)+)", inspect.getdoc(function) or "", re.MULTILINE)
    return dict(re.findall(r"^ {4}(\w+)(?: \([^)]*\))?: (.+)$", section[1], re.MULTILINE)) if section else {}
