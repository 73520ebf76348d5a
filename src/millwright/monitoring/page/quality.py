"""Missing values, and the other checks of data quality."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.evaluation.section import Cell

_MOST = 30  # lines of the table, broken ones first
_EXAMPLES = 3  # predictions named in a line


def missing_section(document: Mapping[str, Any]) -> Section:
    """Columns that lack values more often than they did."""
    risen = [share for share in document["missing"] if share["risen"]]
    rows: list[list[Cell]] = [[s["column"], percent(s["reference"]), percent(s["current"])] for s in risen]
    table = Table(headers=["Column", "Missing in the reference", "Missing now"], rows=rows)
    return Section(title="Missing values", tables=[table])


def quality_section(document: Mapping[str, Any]) -> Section | None:
    """What each check of data quality expected and found; None when none was made.

    Args:
        document: A report's full JSON; those of older versions have no checks.
    """
    measured = [(each["check"], measure) for each in document.get("quality") or () for measure in each["measures"]]
    if not measured:
        return None
    broken = sum(bool(measure["broken"]) for _, measure in measured)
    ranked = sorted(measured, key=lambda pair: not pair[1]["broken"])
    rows: list[list[Cell]] = [
        [
            Badge("look at it", Tone.WARN) if measure["broken"] else Badge("as before", Tone.NEUTRAL),
            str(check).replace("_", " "),
            measure["column"],
            _named(str(measure["what"])),
            _value(measure["expected"]),
            _value(measure["found"]),
            _examples(measure),
        ]
        for check, measure in ranked[:_MOST]
    ]
    text = [f"{broken} of {len(measured)} measures are beyond what was expected."]
    if len(measured) > _MOST:
        text.append(f"The first {_MOST} are shown; the report's JSON has all.")
    table = Table(headers=["Result", "Check", "Column", "Measure", "Expected", "Found", "Predictions"], rows=rows)
    return Section(title="Data quality", text=text, tables=[table])


def _examples(measure: Mapping[str, Any]) -> str | None:
    """The first predictions that are not as expected; older documents name none."""
    return ", ".join((measure.get("examples") or ())[:_EXAMPLES]) or None if measure["broken"] else None


def _named(what: str) -> str:
    return (f"{what.removesuffix('_s')} in seconds" if what.endswith("_s") else what).replace("_", " ")


def _value(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    if isinstance(value, dict):
        known = {name: _value(each) for name, each in value.items() if each is not None}
        return ", ".join(f"{name.replace('_', ' ')} {each}" for name, each in known.items()) or None
    if isinstance(value, list | tuple):
        return " to ".join(str(_value(each)) for each in value) if len(value) == 2 else ", ".join(map(str, value))
    return str(value)
