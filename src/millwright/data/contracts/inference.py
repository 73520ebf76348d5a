"""A contract proposed for a table: what its columns hold, as far as the table itself tells.

The proposal is meant to be read and edited. It never turns what was seen into limits (the lowest and highest value
stand in the descriptions only), and practically every row of the table it came from holds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from millwright.data.contracts.column import ColumnContract, ColumnType
from millwright.data.contracts.contract import Contract
from millwright.data.contracts.date_guess import guess_date, order_of, separator_of, with_alternative
from millwright.data.contracts.number_guess import guess_number
from millwright.data.contracts.value_count import MISSING_WORDS, ValueCounts
from millwright.data.profiles.measuring import suspected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from millwright.data.contracts.date_guess import DateGuess

_MIN_ROWS = 100  # fewer rows are no evidence that a value is never missing, or that a list of values is complete
_MAX_CATEGORIES = 50
_MAX_ALLOWED = 10
_MIN_ALLOWED_SHARE = 0.01  # a value rarer than this makes it likely that others were not seen at all
_SHOWN = 4
# In text, only words that can be nothing else; "none" may be an answer.
_MISSING_TEXT = frozenset({"null", "nan", "n/a", "#n/a", "<na>", "(null)", "na"})
_SMALL_SHARE = 0.005  # below, a count says more than a percentage
_INTEGER_MAX = 2**63 - 1
_WHOLE_FROM = 100_000  # larger numbers are described without decimals


def infer_contract(frame: pl.DataFrame, name: str) -> Contract:
    """Propose a contract for a table.

    Text columns are looked at value by value: booleans, whole numbers, numbers (with the forms they are written in),
    dates and times (with their formats; where day and month could be exchanged, the other columns decide), categories
    or text. A few values that do not fit become missing codes, such as `PNS` among dates. Columns with types keep
    them. Columns of lists, records and bytes are not named, and so pass unchecked. Of columns that are suspected to
    hold personal data, no value is in the contract but missing codes.

    Args:
        frame: The table, text or typed; may be without rows.
        name: The contract's name.

    Raises:
        InvalidInputError: There is no column that a contract can name.
    """
    columns: list[ColumnContract] = []
    guesses: dict[str, DateGuess] = {}
    for column in frame.get_columns():
        if isinstance(column.dtype, (pl.String, pl.Categorical, pl.Enum)):
            values = ValueCounts.of(column)
            guess = None if _is_boolean(values) else guess_date(values, column.name)
            if guess is not None:
                guesses[column.name] = guess
                found = _date_column(column.name, values, guess)
            else:
                found = _text_column(column.name, values)
        elif not (column.dtype.is_nested() or isinstance(column.dtype, (pl.Binary, pl.Object))):
            found = _typed_column(column)
        else:
            continue
        columns.append(_discreet(found, column))
    return Contract(name=name, columns=tuple(_settled(columns, guesses)))


def _discreet(found: ColumnContract, column: pl.Series) -> ColumnContract:
    """Without values of a column that is suspected to hold personal data."""
    personal = suspected(column)
    if personal is None:
        return found
    texts = column.cast(pl.String).str.strip_chars()
    missing = int((texts.is_null() | (texts == "") | texts.is_in(found.missing)).sum())
    note = _description("", missing, column.len(), found.missing)
    said = f"suspected personal data ({personal.value.replace('_', ' ')}), values not shown"
    return replace(found, allowed=(), description=f"{said}; {note}" if note else said)


def _text_column(name: str, values: ValueCounts) -> ColumnContract:
    if _is_boolean(values):
        return _column(name, ColumnType.BOOLEAN, values, _codes(values, MISSING_WORDS))
    number = guess_number(values)
    if number is None:
        return _worded_column(name, values)
    column = _column(name, number.type, values, number.parsed.codes, _span(number.parsed.fitting["parsed"]))
    return replace(column, formats=number.formats)


def _date_column(name: str, values: ValueCounts, guess: DateGuess) -> ColumnContract:
    column = _column(name, guess.type, values, guess.parsed.codes, _span(guess.parsed.fitting["parsed"]))
    return replace(column, formats=guess.formats)


def _worded_column(name: str, values: ValueCounts) -> ColumnContract:
    """Categories or text."""
    # Among codes of two letters, NA is one of them, such as a country's.
    two_letters = int(values.frame["value"].str.contains(r"^[A-Z]{2}$").sum())
    codes = _codes(values, _MISSING_TEXT if 2 * two_letters <= values.distinct else _MISSING_TEXT - {"na"})
    top = values.frame.filter(~pl.col("value").is_in(codes)).sort("count", "value", descending=[True, False])
    if top.is_empty():
        return _column(name, ColumnType.STRING, values, codes, "no values")
    if top.height > _MAX_CATEGORIES or 2 * top.height > values.present:
        return _column(name, ColumnType.STRING, values, codes, f"{top.height:,} different texts")
    shown = ", ".join(top["value"].head(_SHOWN)) + (", …" if top.height > _SHOWN else "")
    column = _column(name, ColumnType.CATEGORY, values, codes, f"{top.height:,} different values: {shown}")
    clear = values.rows >= _MIN_ROWS and top["count"][-1] >= _MIN_ALLOWED_SHARE * values.present
    if clear and 1 < top.height <= _MAX_ALLOWED:
        return replace(column, allowed=tuple(sorted(top["value"])))
    return column


def _typed_column(column: pl.Series) -> ColumnContract:
    dtype = column.dtype
    present = column.drop_nulls()
    if dtype.is_float():
        present = present.drop_nans()
    kind, seen = ColumnType.STRING, ""
    if isinstance(dtype, pl.Boolean):
        kind = ColumnType.BOOLEAN
    elif dtype.is_integer():
        fits = present.is_empty() or int(present.max()) <= _INTEGER_MAX  # type: ignore[arg-type]
        kind, seen = ColumnType.INTEGER if fits else ColumnType.STRING, _span(present)
    elif dtype.is_numeric():
        finite = present.cast(pl.Float64).is_finite().all()
        kind, seen = ColumnType.NUMBER if finite else ColumnType.STRING, _span(present)
    elif isinstance(dtype, pl.Date):
        kind, seen = ColumnType.DATE, _span(present)
    elif isinstance(dtype, pl.Datetime):
        kind, seen = ColumnType.DATETIME, _span(present)
    missing = column.len() - present.len()
    return ColumnContract(
        name=column.name,
        type=kind,
        nullable=bool(missing) or column.len() < _MIN_ROWS,
        description=_description(seen, missing, column.len(), ()),
    )


def _settled(columns: Iterable[ColumnContract], guesses: Mapping[str, DateGuess]) -> Iterator[ColumnContract]:
    """The columns, with day and month exchanged where a column fits both ways and others of its table tell which."""
    votes = Counter(
        (separator_of(guess.formats[0]), order_of(guess.formats[0]))
        for guess in guesses.values()
        if guess.alternative is None and order_of(guess.formats[0]) is not None
    )
    for column in columns:
        guess = guesses.get(column.name)
        if guess is None or guess.alternative is None:
            yield column
            continue
        separator = separator_of(guess.formats[0])
        told = [votes[separator, order_of(written)] for written in (guess.formats[0], guess.alternative)]
        note = "day and month could be exchanged; " + ("as in other columns" if any(told) else "please check")
        yield replace(
            column,
            formats=with_alternative(guess) if told[1] > told[0] else guess.formats,
            description=f"{column.description}; {note}",
        )


def _column(name: str, kind: ColumnType, values: ValueCounts, codes: tuple[str, ...], seen: str = "") -> ColumnContract:
    coded = int(values.frame.filter(pl.col("value").is_in(codes))["count"].sum())
    missing = values.rows - values.present + coded
    return ColumnContract(
        name=name,
        type=kind,
        nullable=bool(missing) or values.rows < _MIN_ROWS,
        missing=codes,
        description=_description(seen, missing, values.rows, codes),
    )


def _description(seen: str, missing: int, rows: int, codes: tuple[str, ...]) -> str:
    parts = [f"seen: {seen}"] if seen else []
    if missing:
        share = missing / rows
        named = f", {len(codes)} {'codes' if len(codes) > 1 else 'code'} among them" if codes else ""
        parts.append(f"missing in {f'{share:.0%}' if share >= _SMALL_SHARE else f'{missing:,}'} of the rows{named}")
    return "; ".join(parts)


def _span(values: pl.Series) -> str:
    if values.is_empty():
        return "no values"
    return f"{_shown(values.min())} to {_shown(values.max())}"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:,.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _codes(values: ValueCounts, words: Collection[str]) -> tuple[str, ...]:
    """The words for missing that occur, the most frequent first."""
    found = values.frame.filter(pl.col("value").str.to_lowercase().is_in(list(words)))
    return tuple(found.sort("count", "value", descending=[True, False])["value"])


def _is_boolean(values: ValueCounts) -> bool:
    """True and false, or yes and no in more than one way of writing; plain yes and no stay the words they are."""
    words = values.frame["value"].str.to_lowercase()
    kinds = set(words.filter(~words.is_in(list(MISSING_WORDS))).unique().head(3))
    if kinds in ({"true", "false"}, {"t", "f"}, {"true"}, {"false"}):
        return True
    return kinds in ({"yes", "no"}, {"y", "n"}) and words.len() > words.n_unique()
