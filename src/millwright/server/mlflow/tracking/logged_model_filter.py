"""The filters and orders of `logged-models/search`, a grammar of its own: attributes need no prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from millwright.core.records.search import All, Comparison, Field, Kind
from millwright.server.mlflow.failure import WireError, invalid

if TYPE_CHECKING:
    from millwright.core.records.search import Condition

_KINDS = {"attributes": Kind.ATTRIBUTE, "metrics": Kind.METRIC, "params": Kind.PARAM, "tags": Kind.TAG}
_ALIASES = {
    "creation_time": "creation_timestamp_ms",
    "creation_timestamp": "creation_timestamp_ms",
    "last_updated_timestamp": "last_updated_timestamp_ms",
}
_TIMES = {"creation_timestamp_ms", "last_updated_timestamp_ms"}
_ATTRIBUTES = _TIMES | {
    *("model_id", "experiment_id", "name", "artifact_location", "status", "lifecycle_stage", "model_type"),
    *("source_run_id", "status_message"),
}
_NUMBER_OPS = ("<", "<=", ">", ">=", "=", "!=")
_TEXT_OPS = ("=", "!=", "LIKE", "ILIKE", "IN", "NOT IN")
_TEXT = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\""
_COMPARISON = re.compile(
    r"\s*(?P<field>(?:[a-z]+\.)?(?:`[^`]+`|\"[^\"]+\"|[^\s`\"'()=!<>,]+))"
    r"\s*(?P<op><=|>=|!=|=|<|>|\bNOT\s+IN\b|\bIN\b|\bI?LIKE\b)"
    rf"\s*(?P<value>{_TEXT}|\((?:\s*(?:{_TEXT})\s*,?)+\)|[^\s()'\"]+)\s*",
    re.IGNORECASE,
)
_AND = re.compile(r"AND\b", re.IGNORECASE)
_ITEM = re.compile(_TEXT)


def parse_model_filter(text: str) -> Condition | None:
    """A filter as a condition; None when it is empty.

    Raises:
        WireError: It is not a list of comparisons joined by AND.
    """
    if not text.strip():
        return None
    parts: list[Comparison] = []
    at = 0
    while True:
        found = _COMPARISON.match(text, at)
        if found is None:
            raise _no_filter(text)
        parts.append(_comparison(found))
        at = found.end()
        if at == len(text):
            return All(parts=tuple(parts))
        joint = _AND.match(text, at)
        if joint is None:
            raise _no_filter(text)
        at = joint.end()


def parse_model_field(text: str) -> Field:
    """What an order names.

    Raises:
        WireError: It is neither an attribute nor a metric.
    """
    if "." in text:
        entity, _, name = text.partition(".")
        if entity != "metrics":
            raise invalid(f"Invalid order by field name: {text}. Only metrics are supported.")
        return Field(kind=Kind.METRIC, key=name)
    key = _ALIASES.get(text, text)
    if key not in _ATTRIBUTES:
        raise invalid(f"Invalid order by field name: {text}")
    return Field(kind=Kind.ATTRIBUTE, key=key)


def _comparison(found: re.Match[str]) -> Comparison:
    field = _field(found["field"])
    op = " ".join(found["op"].upper().split())
    is_number = field.kind is Kind.METRIC or (field.key in _TIMES and field.kind is Kind.ATTRIBUTE)
    ops = _NUMBER_OPS if is_number else _TEXT_OPS
    if op not in ops:
        shown = f"{field.kind.value}s.{field.key}"
        raise invalid(f"Invalid comparison operator for {shown}: {op!r}. Expected one of {ops}.")
    value = found["value"]
    if is_number:
        try:
            return Comparison(field=field, op=op, value=float(value))
        except ValueError as error:
            raise invalid(f"Expected a number to compare {field.key} with, found {value[:100]}.") from error
    listed = op.endswith("IN")
    if listed != value.startswith("("):
        raise invalid(f"Expected {'a list' if listed else 'a text'} behind {op}, found {value[:100]}.")
    if listed:
        return Comparison(field=field, op=op, value=tuple(_text(item) for item in _ITEM.findall(value)))
    return Comparison(field=field, op=op, value=_text(value))


def _field(text: str) -> Field:
    prefix, dot, name = text.partition(".")
    if not dot or text[0] in '`"':
        name = text.strip('`"')
        key = _ALIASES.get(name, name)
        if key not in _ATTRIBUTES:
            raise invalid(f"Invalid attribute: {name[:100]!r}. Expected one of {sorted(_ATTRIBUTES)}.")
        return Field(kind=Kind.ATTRIBUTE, key=key)
    if prefix not in _KINDS:
        raise invalid(f"Invalid entity type: {prefix!r}. Expected one of {list(_KINDS)}.")
    name = name.strip('`"')
    if _KINDS[prefix] is Kind.ATTRIBUTE:
        return _field(name)
    return Field(kind=_KINDS[prefix], key=name)


def _text(value: str) -> str:
    return value[1:-1] if value[:1] in {"'", '"'} else value


def _no_filter(text: str) -> WireError:
    return invalid(
        f"Invalid filter string: {text!r}. Expected a list of comparisons "
        "separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01')."
    )
