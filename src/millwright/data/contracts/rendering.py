"""A contract as YAML text that a person can go on from."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from millwright.data.contracts.column import ColumnType
from millwright.data.contracts.contract import KeyPolicy
from millwright.data.contracts.relation_rendering import table_lines
from millwright.data.contracts.rule import RuleScope
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.yaml_scalar import quoted, scalar

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
#   severity     warn (reported only), quarantine (the row is set aside; the default) or stop (the table is refused);
#                for all that the column expects, or for some of it: {nullable: stop, max: warn}
"""
_KEY_HINT = """\
# Columns that together identify a row. Of rows that repeat a key the first is kept; with
# key: {columns: [...], keep: none} none of them is.
# key: [column, other column]
"""
_RULES_HINT = """\
# What must be true of each row, of rows together, or of the table, as SQL over the parsed columns. Rows with missing
# values pass.
# rules:
#   - name: ends after start
#     expression: '"End Date" >= "Start Date"'
#     message: the end lies before the start
#   - name: only grows
#     expression: 'reading >= LAG(reading) OVER (PARTITION BY meter ORDER BY "read at")'
#     severity: warn
#   - name: balances
#     expression: 'SUM(amount) = 0'
"""
_TABLE_HINT = """\
# Values that must be there in another dataset.
# references:
#   - {columns: building, dataset: buildings, to: id}
# What must be true of the table as a whole; severity: stop (the default) or warn.
# freshness:
#   - {column: recorded, max_age: 2d}
# volume: {min_rows: 1000, max_change: 20%}
# distributions:
#   - {column: cost, measure: mean, min: 100, max: 900}
#   - {column: cost, measure: psi, reference: costs@golden, max: 0.2, severity: warn}
"""
_LONGEST_KEY = 1000  # YAML wants longer ones marked
_WIDEST_LIST = 100


def dump_contract(contract: Contract) -> str:
    """The contract as YAML with comments that say what can be changed; `parse_contract` gives the same contract."""
    return "\n".join(_lines(contract)) + "\n"


def _lines(contract: Contract) -> Iterator[str]:
    yield from _HEAD.splitlines()
    yield f"name: {scalar(contract.name)}"
    if contract.description:
        yield f"description: {scalar(contract.description)}"
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
    yield from (table_lines(contract) or _TABLE_HINT.splitlines())
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
    if contract.key.severity is not Severity.QUARANTINE:
        yield f"  severity: {contract.key.severity.value}"


def _rules(contract: Contract) -> Iterator[str]:
    if not contract.rules:
        yield from _RULES_HINT.splitlines()
        return
    yield "# What must be true of each row, of rows together, or of the table, as SQL over the parsed columns. Rows"
    yield "# with missing values pass."
    yield "rules:"
    for rule in contract.rules:
        yield f"  - name: {scalar(rule.name)}"
        yield f"    expression: {scalar(rule.expression)}"
        if rule.message:
            yield f"    message: {scalar(rule.message)}"
        if rule.severity is not (Severity.STOP if rule.scope is RuleScope.TABLE else Severity.QUARANTINE):
            yield f"    severity: {rule.severity.value}"


def _column(column: ColumnContract) -> Iterator[str]:
    name = scalar(column.name)
    yield f"  {name}:" if len(name) < _LONGEST_KEY else f"  ? {name}\n  :"
    if column.description:
        yield f"    description: {scalar(column.description)}"
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
        yield f"    pattern: {quoted(column.pattern)}"
    for key, values in (("allowed", column.allowed), ("formats", column.formats), ("missing", column.missing)):
        if values:
            yield from _list(f"    {key}", values)
    yield from _severity(column)
    if column.type is ColumnType.DATE and not column.formats:
        yield "    # formats: [YYYY-MM-DD]"


def _severity(column: ColumnContract) -> Iterator[str]:
    if not isinstance(column.severity, Severity):
        named = ", ".join(f"{name}: {one.value}" for name, one in column.severity.items())
        yield f"    severity: {{{named}}}"
    elif column.severity is not Severity.QUARANTINE:
        yield f"    severity: {column.severity.value}"


def _list(key: str, values: Sequence[str | float]) -> Iterator[str]:
    items = [scalar(value) if isinstance(value, str) else repr(value) for value in values]
    in_line = f"{key}: [{', '.join(items)}]"
    if len(in_line) <= _WIDEST_LIST:
        yield in_line
        return
    yield f"{key}:"
    indent = " " * (len(key) - len(key.lstrip()) + 2)
    yield from (f"{indent}- {item}" for item in items)


def _bound(bound: Bound) -> str:
    return bound.isoformat() if isinstance(bound, date) else repr(bound)
