"""Gaps between groups, beside those of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.evaluation.section import Cell

_GROUPS = 30  # lines of the second table


def bias_section(document: Mapping[str, Any]) -> Section | None:
    """The largest gap of each measure, and each group's measures; None where no groups are declared.

    Args:
        document: A report's full JSON; those of older versions have no groups.
    """
    found = [each for each in document.get("bias") or () if each["groups"]]
    if not found:
        return None
    gaps = [(each["column"], gap) for each in found for gap in each["gaps"]]
    grown = sum(bool(gap["grown"]) for _, gap in gaps)
    rows: list[list[Cell]] = [
        [
            Badge("grown", Tone.BAD) if gap["grown"] else Badge("as before", Tone.NEUTRAL),
            column,
            str(gap["measure"]).replace("_", " "),
            gap["gap"],
            gap["reference"],
            gap["growth"],
            f"{number(gap['interval'][0])} to {number(gap['interval'][1])}",
            gap["limit"],
            f"{gap['high_group']} above {gap['low_group']}",
        ]
        for column, gap in sorted(gaps, key=lambda pair: (not pair[1]["grown"], -pair[1]["growth"]))
    ]
    headers = ["Result", "Groups", "Measure", "Gap now", "Reference", "Growth", "Its interval", "Limit", "Grew most"]
    text = [f"{grown} of {len(gaps)} gaps between groups grew by more than their limit with their whole interval."]
    text += [
        f"Equalized odds of {each['column']}: {number(each['equalized_odds'])}, the larger gap of true and false "
        "positive rate."
        for each in found
        if each["equalized_odds"] is not None
    ]
    groups = list(_group_rows(found))
    tables = [
        Table(headers=headers, rows=rows),
        Table(headers=["Groups", "Group", "Measure", "Rows", "Now", "Reference"], rows=groups[:_GROUPS]),
    ]
    if len(groups) > _GROUPS:
        text.append(f"Of {len(groups)} measures of groups {_GROUPS} are shown; the report's JSON has all.")
    return Section(title="Groups", text=text, tables=[table for table in tables if table.rows])


def _group_rows(found: list[Mapping[str, Any]]) -> Iterator[list[Cell]]:
    for each in found:
        before = {(rate["measure"], rate["group"]): rate["value"] for rate in each["reference"]}
        for rate in each["groups"]:
            measure, group = rate["measure"], rate["group"]
            name = str(measure).replace("_", " ")
            yield [each["column"], group, name, rate["rows"], rate["value"], before.get((measure, group))]
