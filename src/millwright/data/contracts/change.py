"""What a change of a contract breaks, and for whom.

A contract is a demand on those who produce the data and a promise to those who consume it, so that a change can break
either. As schema registries have it (Confluent's compatibility types; Avro's resolution rules), with the old and the
new contract in the place of the schemas:

- what was tightened breaks **producers**: tables that passed are now warned of, set aside or refused (not *backward*
  compatible: old data does not fit the new contract);
- what was loosened breaks **consumers**: values may come that the old contract kept away, or a column comes no more
  (not *forward* compatible: new data does not fit the old contract);
- descriptions, messages, more ways to write a value, more columns that may be absent: nobody.

A column's type is both when it changes, but for integer to number, which only consumers notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from millwright.data.contracts.column import EXPECTATIONS, ColumnType
from millwright.data.contracts.contract import ExtraColumns
from millwright.data.contracts.relation_change import relation_changes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.data.contracts.column import ColumnContract
    from millwright.data.contracts.contract import Contract


class Affected(StrEnum):
    """Whom a change may break."""

    PRODUCERS = "producers"  # who writes the data: something that passed does not pass now
    CONSUMERS = "consumers"  # who reads the data: something that was promised is promised no longer
    NOBODY = "nobody"  # neither


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two contracts.

    Attributes:
        affected: Whom it may break.
        text: What is different, for people.
    """

    affected: Affected
    text: str

    @property
    def is_breaking(self) -> bool:
        """Whether it may break somebody."""
        return self.affected is not Affected.NOBODY

    def __str__(self) -> str:
        return f"for {self.affected}: {self.text}"


def compare_contracts(before: Contract, after: Contract) -> list[Change]:
    """What is different, in the order: columns that are gone, that are new, that changed; then the other parts.

    Args:
        before: The former contract.
        after: The new one.

    Returns:
        Empty when both demand the same, whatever else is different between them.
    """
    old, new = before.by_name, after.by_name
    changes = [Change(Affected.CONSUMERS, f"the column '{name}' is gone") for name in old if name not in new]
    for name, column in new.items():
        if name not in old:
            needed = column.required
            text = f"the column '{name}' is new{' and must be there' if needed else ''}"
            changes.append(Change(Affected.PRODUCERS if needed else Affected.NOBODY, text))
    for name, column in new.items():
        if name in old:
            changes += [Change(who, f"{name}: {text}") for who, text in _of_column(old[name], column)]
    changes += [Change(Affected(who), text) for who, text in relation_changes(before, after)]
    changes += [Change(who, text) for who, text in _of_table(before, after)]
    return changes


_Found = tuple[Affected, str]


def _of_column(old: ColumnContract, new: ColumnContract) -> Iterator[_Found]:
    yield from _type(old, new)
    for name, was, now in (
        ("required", old.required, new.required),
        ("must have a value", not old.nullable, not new.nullable),
        ("unique", old.unique, new.unique),
    ):
        if was is not now:
            yield (Affected.PRODUCERS, f"now {name}") if now else (Affected.CONSUMERS, f"no longer {name}")
    if old.type is new.type or {old.type, new.type} == {ColumnType.INTEGER, ColumnType.NUMBER}:
        yield from _limit("min", old.minimum, new.minimum, tighter=lambda was, now: now > was)
        yield from _limit("max", old.maximum, new.maximum, tighter=lambda was, now: now < was)
    yield from _pattern(old.pattern, new.pattern)
    yield from _allowed(set(old.allowed), set(new.allowed))
    yield from _writing(old, new)
    yield from _severities(old, new)


def _type(old: ColumnContract, new: ColumnContract) -> Iterator[_Found]:
    if old.type is new.type:
        return
    text = f"type {old.type} is now {new.type}"
    yield Affected.CONSUMERS, text
    if (old.type, new.type) != (ColumnType.INTEGER, ColumnType.NUMBER) and new.type is not ColumnType.STRING:
        yield Affected.PRODUCERS, text


def _limit(name: str, was: Any, now: Any, *, tighter: Any) -> Iterator[_Found]:
    if was == now:
        return
    if was is None:
        yield Affected.PRODUCERS, f"{name} {now} is new"
    elif now is None:
        yield Affected.CONSUMERS, f"{name} {was} is gone"
    else:
        who = Affected.PRODUCERS if tighter(_moment(was), _moment(now)) else Affected.CONSUMERS
        yield who, f"{name} {was} is now {now}"


def _pattern(was: str | None, now: str | None) -> Iterator[_Found]:
    if was == now:
        return
    if was is not None:  # whether one pattern implies another cannot be told in general
        yield Affected.CONSUMERS, f"the pattern {was} is {f'now {now}' if now else 'gone'}"
    if now is not None:
        yield Affected.PRODUCERS, f"the pattern {now} is new" if was is None else f"the pattern {was} is now {now}"


def _allowed(was: set[Any], now: set[Any]) -> Iterator[_Found]:
    if not was and now:
        yield Affected.PRODUCERS, f"only {_listed(now)} may occur now"
    elif was and not now:
        yield Affected.CONSUMERS, f"any value may occur, not only {_listed(was)}"
    else:
        if was - now:
            yield Affected.PRODUCERS, f"no longer allowed: {_listed(was - now)}"
        if now - was:
            yield Affected.CONSUMERS, f"now allowed, too: {_listed(now - was)}"


def _writing(old: ColumnContract, new: ColumnContract) -> Iterator[_Found]:
    """How values are written: fewer ways break producers, more break nobody."""
    for name, was, now in (
        ("formats", set(old.formats), set(new.formats)),
        ("missing codes", set(old.missing), set(new.missing)),
    ):
        if was - now or (name == "formats" and not was and now):
            yield Affected.PRODUCERS, f"{name} are fewer: {_listed(was - now) or 'only ' + _listed(now)}"
        elif now - was:
            yield Affected.NOBODY, f"{name} are more: {_listed(now - was)}"
    if old.indicator and not new.indicator:
        yield Affected.CONSUMERS, f"the column '{old.code_column}' is gone"
    elif new.indicator and not old.indicator:
        yield Affected.NOBODY, f"the column '{new.code_column}' is new"


def _severities(old: ColumnContract, new: ColumnContract) -> Iterator[_Found]:
    for name in EXPECTATIONS:
        was, now = old.severity_of(name), new.severity_of(name)
        if was is not now:
            who = Affected.PRODUCERS if now.rank > was.rank else Affected.CONSUMERS
            yield who, f"{name} is now of severity {now}, was {was}"


def _of_table(before: Contract, after: Contract) -> Iterator[_Found]:
    strictness = (ExtraColumns.ALLOW, ExtraColumns.DROP, ExtraColumns.REFUSE)
    if before.extra is not after.extra:
        text = f"extra columns: {after.extra}, was {before.extra}"
        if after.extra is not ExtraColumns.ALLOW and before.extra is ExtraColumns.ALLOW:
            yield Affected.CONSUMERS, text  # columns that came come no more
        if after.extra is ExtraColumns.REFUSE:
            yield Affected.PRODUCERS, text
        elif strictness.index(after.extra) < strictness.index(before.extra):
            yield Affected.NOBODY, text
    if before.max_quarantined != after.max_quarantined:
        tighter = after.max_quarantined < before.max_quarantined
        text = f"max_quarantined {before.max_quarantined} is now {after.max_quarantined}"
        yield (Affected.PRODUCERS if tighter else Affected.CONSUMERS), text
    if before.min_rows != after.min_rows:
        tighter = after.min_rows > before.min_rows
        yield (
            Affected.PRODUCERS if tighter else Affected.CONSUMERS,
            f"min_rows {before.min_rows} is now {after.min_rows}",
        )


def _moment(bound: Any) -> Any:
    if isinstance(bound, datetime):
        return bound.astimezone(UTC) if bound.tzinfo else bound.replace(tzinfo=UTC)
    return datetime(bound.year, bound.month, bound.day, tzinfo=UTC) if isinstance(bound, date) else bound


def _listed(values: set[Any], most: int = 5) -> str:
    shown = sorted(map(str, values))
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")
