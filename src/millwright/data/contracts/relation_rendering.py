"""The parts of a contract that look beyond a row, as YAML: references, freshness, volume, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.data.contracts.duration import write_duration
from millwright.data.contracts.severity import Severity
from millwright.data.contracts.yaml_scalar import quoted, scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from millwright.data.contracts.contract import Contract
    from millwright.data.contracts.table_expectation import Distribution, Volume


def table_lines(contract: Contract) -> list[str]:
    """The parts that the contract has; none when it has none of them."""
    return [*_references(contract), *_freshness(contract), *_volume(contract.volume), *_distributions(contract)]


def _references(contract: Contract) -> Iterator[str]:
    if contract.references:
        yield "# Values that must be there in another dataset."
        yield "references:"
    for reference in contract.references:
        yield from _entry(
            ("columns", _names(reference.columns)),
            ("dataset", scalar(reference.dataset)),
            ("to", _names(reference.to) if reference.to else ""),
            ("severity", _severity(reference.severity, Severity.QUARANTINE)),
        )


def _freshness(contract: Contract) -> Iterator[str]:
    if contract.freshness:
        yield "# How old the newest value may be when the table is validated."
        yield "freshness:"
    for freshness in contract.freshness:
        yield from _entry(
            ("column", scalar(freshness.column)),
            ("max_age", write_duration(freshness.max_age)),
            ("severity", _severity(freshness.severity, Severity.STOP)),
        )


def _volume(volume: Volume | None) -> Iterator[str]:
    if volume is None:
        return
    yield "# How many rows there may be; max_change is against the former version."
    yield "volume:"
    for key, value in (
        ("min_rows", volume.min_rows),
        ("max_rows", volume.max_rows),
        ("max_change", volume.max_change),
    ):
        if value is not None:
            yield f"  {key}: {value!r}"
    if volume.severity is not Severity.STOP:
        yield f"  severity: {volume.severity.value}"


def _distributions(contract: Contract) -> Iterator[str]:
    if contract.distributions:
        yield "# Between which bounds a measure of a column must lie."
        yield "distributions:"
    for one in contract.distributions:
        yield from _distribution(one)


def _distribution(one: Distribution) -> Iterator[str]:
    values = [scalar(value) if isinstance(value, str) else repr(value) for value in one.values]
    yield from _entry(
        ("column", scalar(one.column)),
        ("measure", one.measure.value),
        ("at", _number(one.at)),
        ("values", f"[{', '.join(values)}]" if values else ""),
        ("reference", quoted(one.reference) if one.reference else ""),
        ("min", _number(one.minimum)),
        ("max", _number(one.maximum)),
        ("severity", _severity(one.severity, Severity.STOP)),
    )


def _entry(*pairs: tuple[str, str]) -> Iterator[str]:
    """An entry of a list: one line for each key that has a value."""
    mark = "-"
    for key, value in pairs:
        if value:
            yield f"  {mark} {key}: {value}"
            mark = " "


def _names(names: Sequence[str]) -> str:
    return f"[{', '.join(map(scalar, names))}]"


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)


def _severity(severity: Severity, default: Severity) -> str:
    return "" if severity is default else severity.value
