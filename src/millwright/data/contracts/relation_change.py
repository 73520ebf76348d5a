"""What changed in a contract's key, rules, references, freshness, volume and distributions, and for whom.

A part that is new or harder breaks producers, one that is gone or milder breaks consumers; one that says something else
breaks both, as neither can be told to imply the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.data.contracts.contract import Contract, Key
    from millwright.data.contracts.severity import Severity

_PRODUCERS, _CONSUMERS = "producers", "consumers"
_Found = tuple[str, str]  # who is affected, what changed


def relation_changes(before: Contract, after: Contract) -> Iterator[_Found]:
    """Pairs of who is affected (`producers` or `consumers`) and what changed, for people."""
    yield from _key(before.key, after.key)
    yield from _named(
        "the rule", {one.name: (one.expression, one.severity) for one in before.rules},
        {one.name: (one.expression, one.severity) for one in after.rules},
    )  # fmt: skip
    yield from _named("the reference", _references(before), _references(after))
    yield from _freshness(before, after)
    yield from _volume(before, after)
    yield from _distributions(before, after)


def _key(was: Key | None, now: Key | None) -> Iterator[_Found]:
    if was is not None and now is not None and set(was.columns) == set(now.columns):
        if was.keep is not now.keep:
            yield _PRODUCERS, f"of rows with the same key, {now.keep} is kept, was {was.keep}"
        yield from _severity("the key", was.severity, now.severity)
        return
    if was is not None and (now is None or not set(now.columns) <= set(was.columns)):
        yield _CONSUMERS, f"({', '.join(was.columns)}) identifies a row no longer"
    if now is not None and (was is None or not set(was.columns) <= set(now.columns)):
        yield _PRODUCERS, f"({', '.join(now.columns)}) must identify a row now"


def _named(
    what: str, old: Mapping[str, tuple[str, Severity]], new: Mapping[str, tuple[str, Severity]]
) -> Iterator[_Found]:
    for name in old:
        if name not in new:
            yield _CONSUMERS, f"{what} '{name}' is gone"
    for name, (text, severity) in new.items():
        if name not in old:
            yield _PRODUCERS, f"{what} '{name}' is new"
            continue
        if old[name][0].split() != text.split():
            for who in (_PRODUCERS, _CONSUMERS):
                yield who, f"{what} '{name}' says something else: {text}, was {old[name][0]}"
        yield from _severity(f"{what} '{name}'", old[name][1], severity)


def _references(contract: Contract) -> dict[str, tuple[str, Severity]]:
    return {
        ", ".join(one.columns) + f" → {one.dataset.partition('@')[0]}": (
            f"{one.dataset} ({', '.join(one.targets)})",
            one.severity,
        )
        for one in contract.references
    }


def _freshness(before: Contract, after: Contract) -> Iterator[_Found]:
    old = {one.column: one for one in before.freshness}
    new = {one.column: one for one in after.freshness}
    for name in old:
        if name not in new:
            yield _CONSUMERS, f"{name} may be of any age"
    for name, now in new.items():
        former = old.get(name)
        if former is None or now.max_age < former.max_age:
            yield _PRODUCERS, now.reason + (f", was {former.max_age}" if former else " is new")
        elif now.max_age > former.max_age:
            yield _CONSUMERS, f"{now.reason}, was {former.max_age}"
        if former is not None:
            yield from _severity(f"the freshness of {name}", former.severity, now.severity)


def _volume(before: Contract, after: Contract) -> Iterator[_Found]:
    was, now = before.volume, after.volume
    for name, higher_is_harder in (("min_rows", True), ("max_rows", False), ("max_change", False)):
        old = None if was is None else getattr(was, name)
        new = None if now is None else getattr(now, name)
        yield from _bound(f"volume: {name}", old, new, higher_is_harder=higher_is_harder)
    if was is not None and now is not None:
        yield from _severity("the volume", was.severity, now.severity)


def _distributions(before: Contract, after: Contract) -> Iterator[_Found]:
    old = {one.what: one for one in before.distributions}
    new = {one.what: one for one in after.distributions}
    for what in {**old, **new}:
        was, now = old.get(what), new.get(what)
        for name, attribute, higher_is_harder in (("min", "minimum", True), ("max", "maximum", False)):
            bounds = getattr(was, attribute, None), getattr(now, attribute, None)
            yield from _bound(f"{what}: {name}", *bounds, higher_is_harder=higher_is_harder)
        if was is not None and now is not None:
            yield from _severity(what, was.severity, now.severity)


def _bound(what: str, was: float | None, now: float | None, *, higher_is_harder: bool) -> Iterator[_Found]:
    if was == now:
        return
    if was is None:
        yield _PRODUCERS, f"{what} {now} is new"
    elif now is None:
        yield _CONSUMERS, f"{what} {was} is gone"
    else:
        harder = (now > was) is higher_is_harder
        yield (_PRODUCERS if harder else _CONSUMERS), f"{what} {was} is now {now}"


def _severity(what: str, was: Severity, now: Severity) -> Iterator[_Found]:
    if was is not now:
        yield (_PRODUCERS if now.rank > was.rank else _CONSUMERS), f"{what} is now of severity {now}, was {was}"
