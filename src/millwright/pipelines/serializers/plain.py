"""JSON values: what they are, and how they are stored."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.hint import alternatives, describe, strip

if TYPE_CHECKING:
    from collections.abc import Iterator

_NUMPY_SCALARS = ("item", "dtype")


def to_plain(value: Any, *, allow_nan: bool = False) -> Any:
    """A value as JSON values: dictionaries with text keys, lists, texts, numbers, booleans, None.

    Dataclasses, structs and enums become what they hold; dates, UUIDs and paths become text, NumPy scalars numbers.

    Args:
        value: Anything.
        allow_nan: Whether NaN and infinities may stay; JSON itself has no form for them.

    Raises:
        TypeError: Something in it has no JSON form.
        ValueError: There is a NaN or an infinity.
    """
    if value is None or type(value) in {bool, int, str}:
        return value
    if isinstance(value, float):
        if not (allow_nan or math.isfinite(value)):
            raise ValueError(f"{value} has no JSON form")
        return float(value)
    if isinstance(value, dict):
        plain = {_key(key): to_plain(inner, allow_nan=allow_nan) for key, inner in value.items()}
        if len(plain) != len(value):
            raise ValueError("two keys of a dictionary have one form as text")
        return plain
    if isinstance(value, list | tuple):
        return [to_plain(inner, allow_nan=allow_nan) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((to_plain(inner, allow_nan=allow_nan) for inner in value), key=_text)
    if is_dataclass(value) and not isinstance(value, type):
        # Not left to msgspec: it leaves out fields that it has itself filled with their defaults.
        return {each.name: to_plain(getattr(value, each.name), allow_nan=allow_nan) for each in fields(value)}
    return _leaf(value, allow_nan=allow_nan)


def _leaf(value: Any, *, allow_nan: bool) -> Any:
    """Dates, enums, structs and the like."""
    if isinstance(value, datetime):
        value = _whole_minutes(value)
    try:
        plain = msgspec.to_builtins(value, str_keys=True, order="deterministic", enc_hook=_encode)
    except msgspec.MsgspecError as error:
        raise TypeError(str(error)) from error
    return plain if type(plain) is type(value) else to_plain(plain, allow_nan=allow_nan)


def _whole_minutes(moment: datetime) -> datetime:
    """The same moment in UTC if its offset has seconds, as local times before 1900 have: the text would lose them."""
    offset = moment.utcoffset()
    if offset is None or not offset % timedelta(minutes=1):
        return moment
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{moment} lies outside the years 1 to 9999 in UTC") from error


def _key(key: Any) -> str:
    if isinstance(key, datetime):
        key = _whole_minutes(key)
    return key if type(key) is str else next(iter(msgspec.to_builtins({key: None}, str_keys=True, enc_hook=_encode)))


def _encode(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, str):  # of a class derived from it
        return str.__str__(value)
    if all(hasattr(value, name) for name in _NUMPY_SCALARS) and getattr(value, "ndim", None) == 0:
        return value.item()
    raise TypeError(f"{describe(type(value))} has no JSON form")


def _text(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def unstorable_part(hint: Any) -> str:
    """What inside a JSON type (a list's items, a dataclass's fields, …) has no JSON form; empty when all has one."""
    try:
        msgspec.json.Decoder(hint)
        custom = next(iter(_custom_types(msgspec.inspect.type_info(hint), set())), None)
    except (TypeError, NameError) as error:
        return str(error).splitlines()[0].rstrip(".")
    if custom is None:
        return ""
    if custom is runtime_class(hint):
        return f"{describe(custom)} has no JSON form (return a dict or a list)"
    named = "; several under names as a dict[str, …] of nothing else" if _is_array(custom) else ""
    return f"{describe(custom)} inside it has no JSON form (return it as an output of its own{named})"


def _is_array(kind: type) -> bool:
    return kind.__name__ in {"ndarray", "Tensor"}


def _custom_types(node: Any, seen: set[int]) -> Iterator[type]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, tuple):
        for inner in node:
            yield from _custom_types(inner, seen)
    elif isinstance(node, msgspec.inspect.CustomType):
        if not _is_scalar(node.cls):
            yield node.cls
    elif isinstance(node, msgspec.inspect.Type | msgspec.inspect.Field):
        for name in node.__struct_fields__:
            yield from _custom_types(getattr(node, name), seen)


def _is_scalar(kind: type) -> bool:
    """Whether values are written as one text or number, and made again from it."""
    return issubclass(kind, PurePath) or (
        kind.__module__ == "numpy" and hasattr(kind, "item") and kind.__name__ != "ndarray"
    )


class PlainSerializer:
    """JSON types, dates, UUIDs, enums, dataclasses, structs and typed dictionaries as JSON text.

    NaN and the infinities are written as `NaN`, `Infinity` and `-Infinity`, which Python reads.
    """

    name = "json"
    library = ""

    def handles(self, value_type: type) -> bool:
        """Whether values of the type have a JSON form; what is inside them is seen only when they are stored."""
        if issubclass(value_type, PurePath | bytes | bytearray):
            return False
        if value_type is type(None) or issubclass(value_type, dict | list | tuple | set | frozenset):
            return True
        if _is_scalar(value_type):
            return True
        try:
            kind = msgspec.inspect.type_info(value_type)
        except (TypeError, NameError):  # a dataclass whose hints cannot be read; said when its annotation is checked
            return is_dataclass(value_type)
        return not isinstance(kind, msgspec.inspect.CustomType | msgspec.inspect.RawType | msgspec.inspect.ExtType)

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`; keys are sorted."""
        try:
            return _text(to_plain(value, allow_nan=True)).encode()
        except RecursionError as error:
            raise ValueError("it is nested too deep, or holds itself") from error

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`; with `Any`, dataclasses come back as dictionaries."""
        plain = json.loads(data)
        if all(runtime_class(member) is None for member in alternatives(annotation)):
            return plain
        return msgspec.convert(plain, annotation, strict=True, str_keys=True, dec_hook=_decode)


def _decode(wanted: type, value: Any) -> Any:
    if isinstance(value, wanted):
        return value
    if _is_scalar(wanted):
        return wanted(value)
    raise TypeError(f"Expected {describe(wanted)}, found {describe(type(value))}.")


class TextSerializer:
    """Plain text as UTF-8, so that a page or a report can be opened as it lies in the store."""

    name = "text"
    library = ""

    def handles(self, value_type: type) -> bool:
        """Whether it is `str` itself; enums of text are JSON."""
        return value_type is str

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return str(value).encode()

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`; a literal or enum is checked against its values."""
        text = data.decode()
        return text if strip(annotation) is str or annotation is Any else msgspec.convert(text, annotation)

    def share(self, value: Any) -> Any:
        """The value itself: it cannot be changed."""
        return value


class BytesSerializer:
    """Bytes as they are."""

    name = "bytes"
    library = ""

    def handles(self, value_type: type) -> bool:
        """Whether it is `bytes` or `bytearray`."""
        return value_type in {bytes, bytearray}

    def dumps(self, value: Any) -> bytes:
        """See `Serializer.dumps`."""
        return bytes(value)

    def loads(self, data: bytes, annotation: Any) -> Any:
        """See `Serializer.loads`."""
        return bytearray(data) if bytearray in alternatives(annotation) else data

    def share(self, value: Any) -> Any:
        """The value itself, or a copy when it can be changed."""
        return value if isinstance(value, bytes) else bytearray(value)
