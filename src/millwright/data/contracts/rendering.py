"""A contract as YAML text that a person can go on from."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import TYPE_CHECKING

from millwright.data.contracts.column import ColumnType
from millwright.data.contracts.contract import KeyPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.data.contracts.column import Bound, ColumnContract
    from millwright.data.contracts.contract import Contract

_HEAD = """\
# What must hold for this table. Rows that break it are set aside with their reasons; nothing is dropped silently.
# Edit freely; `mw data validate FILE --contract THIS_FILE` shows what a change does.
#
# Of a column you can say:
#   type         string, category, integer, number, boolean, date or datetime
#   required     false: the column itself may be absent                          (default true)
#   nullable     false: every row must have a value                              (default true)
#   unique       true: no value may occur twice                                  (default false)
#   min, max     lowest and highest value, for numbers and dates (YYYY-MM-DD)
#   pattern      a regular expression that text must match
#   allowed      the list of values that may occur
#   formats      how dates are written, such as M/D/YYYY, DD.MM.YYYY or YYYY-MM-DD HH:mm; for numbers, forms beside the
#                plain one: thousands (1,234), currency ($5), percent (12 %), accounting ((5)), decimal_comma (1.234,5)
#   missing      codes that mean "no value", beside empty fields
#   indicator    true: keep the missing code that was found in a column <name>__code
"""
_KEY_HINT = """\
# Columns that together identify a row. Of rows that repeat a key the first is kept; with
# key: {columns: [...], keep: none} none of them is.
# key: [column, other column]
"""
_RULES_HINT = """\
# What must be true of each row, as SQL over the parsed columns. Rows with missing values pass.
# rules:
#   - name: ends after start
#     expression: '"End Date" >= "Start Date"'
#     message: the end lies before the start
"""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/()-]*(?: [A-Za-z0-9_/()-]+)*", flags=re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "y", "n", "null"}  # which other readers of YAML take for values
_LONGEST_KEY = 1000  # YAML wants longer ones marked
_WIDEST_LIST = 100
# Characters that YAML forbids, or takes for line ends, inside quotes.
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def dump_contract(contract: Contract) -> str:
    """The contract as YAML with comments that say what can be changed; `parse_contract` gives the same contract."""
    return "\n".join(_lines(contract)) + "\n"


def _lines(contract: Contract) -> Iterator[str]:
    yield from _HEAD.splitlines()
    yield f"name: {_scalar(contract.name)}"
    if contract.description:
        yield f"description: {_scalar(contract.description)}"
    yield ""
    yield "# The share of rows that may be set aside before the table as a whole is refused."
    yield f"max_quarantined: {contract.max_quarantined!r}"
    yield "# The least number of rows."
    yield f"min_rows: {contract.min_rows}"
    yield "# Columns that are not named here: allow (they pass unchecked), drop or refuse."
    yield f"extra: {contract.extra.value}"
    yield ""
    yield from _key(contract)
    yield ""
    yield from _rules(contract)
    yield ""
    yield "columns:"
    for column in contract.columns:
        yield from _column(column)


def _key(contract: Contract) -> Iterator[str]:
    if contract.key is None:
        yield from _KEY_HINT.splitlines()
        return
    yield "# Columns that together identify a row."
    yield "key:"
    yield from _list("  columns", contract.key.columns)
    kept = "of rows with the same key, the first is kept" if contract.key.keep is KeyPolicy.FIRST else "none is kept"
    yield f"  keep: {contract.key.keep.value}  # {kept}"


def _rules(contract: Contract) -> Iterator[str]:
    if not contract.rules:
        yield from _RULES_HINT.splitlines()
        return
    yield "# What must be true of each row, as SQL over the parsed columns. Rows with missing values pass."
    yield "rules:"
    for rule in contract.rules:
        yield f"  - name: {_scalar(rule.name)}"
        yield f"    expression: {_scalar(rule.expression)}"
        if rule.message:
            yield f"    message: {_scalar(rule.message)}"


def _column(column: ColumnContract) -> Iterator[str]:
    name = _scalar(column.name)
    yield f"  {name}:" if len(name) < _LONGEST_KEY else f"  ? {name}\n  :"
    if column.description:
        yield f"    description: {_scalar(column.description)}"
    yield f"    type: {column.type.value}"
    for key, value, default in (
        ("required", column.required, True),
        ("nullable", column.nullable, True),
        ("unique", column.unique, False),
        ("indicator", column.indicator, False),
    ):
        if value is not default:
            yield f"    {key}: {str(value).lower()}"
    for key, bound in (("min", column.minimum), ("max", column.maximum)):
        if bound is not None:
            yield f"    {key}: {_bound(bound)}"
    if column.pattern is not None:
        yield f"    pattern: {_quoted(column.pattern)}"
    for key, values in (("allowed", column.allowed), ("formats", column.formats), ("missing", column.missing)):
        if values:
            yield from _list(f"    {key}", values)
    if column.type is ColumnType.DATE and not column.formats:
        yield "    # formats: [YYYY-MM-DD]"


def _list(key: str, values: Sequence[str | float]) -> Iterator[str]:
    items = [_scalar(value) if isinstance(value, str) else repr(value) for value in values]
    in_line = f"{key}: [{', '.join(items)}]"
    if len(in_line) <= _WIDEST_LIST:
        yield in_line
        return
    yield f"{key}:"
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield from (f"{indent}- {item}" for item in items)


def _bound(bound: Bound) -> str:
    return bound.isoformat() if isinstance(bound, date) else repr(bound)


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    # JSON strings are YAML strings, but for some characters.
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))
