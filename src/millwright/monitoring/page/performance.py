"""Metrics on labels, per slice, and those that labels are expected to show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.evaluation.section import Badge, Section, Table, Tone
from millwright.evaluation.wording import counted, number, percent, title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from millwright.evaluation.section import Cell

_SLICES = 30  # lines of the table, lost ones first


def performance_section(document: Mapping[str, Any]) -> Section:
    """Every metric on the labelled rows beside that at evaluation."""
    found = document["performance"]
    rows: list[list[Cell]] = []
    for name, value in found["metrics"].items():
        interval = found["intervals"].get(name)
        shown = f"{number(interval[0])} to {number(interval[1])}" if interval else None
        rows.append([title(name), value, shown, found["reference"].get(name)])
    coverage = percent(found["labelled_rows"] / max(1, document["rows"]))
    text = [f"{counted(found['labelled_rows'], 'row')} with a known label, {coverage} of the window."]
    if found["degraded"]:
        text.append(f"{title(found['metric'])} lost {number(-found['gain'])}, more than {number(found['limit'])}.")
    table = Table(headers=["Metric", "Now", "95 % interval", "At evaluation"], rows=rows)
    return Section(title="Performance", text=text, tables=[table])


def estimated_section(document: Mapping[str, Any]) -> Section:
    """What labels are expected to show."""
    found, reference = document["estimated"], (document["performance"] or {}).get("reference", {})
    rows: list[list[Cell]] = []
    for name, value in found["metrics"].items():
        interval = found["intervals"].get(name)
        shown = f"{number(interval[0])} to {number(interval[1])}" if interval else None
        rows.append([title(name), value, shown, reference.get(name)])
    text = [
        f"What labels of the {counted(found['rows'], 'row')} are expected to show ({found['method']}).",
        "Only as long as the target depends on the features as it did: that this has changed, labels alone can tell.",
        *([found["note"]] if found["note"] else []),
    ]
    table = Table(headers=["Metric", "Expected", "95 % interval", "At evaluation"], rows=rows)
    return Section(title="Expected performance", text=text, tables=[table])


def past_section(document: Mapping[str, Any]) -> Section | None:
    """Metrics beside those of earlier checks; None with too few of these.

    Args:
        document: A report's full JSON; those of older versions know no past.
    """
    metric = (document.get("performance") or {}).get("metric")
    found = {**({metric: document["past"]} if document.get("past") else {}), **(document.get("past_metrics") or {})}
    if not found:
        return None
    rows: list[list[Cell]] = [
        [
            Badge("odd", Tone.WARN) if abs(odd["score"]) > odd["limit"] else Badge("as usual", Tone.NEUTRAL),
            title(name),
            odd["value"],
            odd["usual"],
            _interval((odd["low"], odd["high"])) if odd["low"] is not None and odd["high"] is not None else None,
            odd["score"],
            odd["limit"],
            odd["checks"],
            "yes" if odd["seasonal"] else "no",
        ]
        for name, odd in found.items()
    ]
    headers = ["Result", "Metric", "Now", "Usual", "Limits", "Distance", "Tolerated", "Earlier checks", "Season known"]
    text = "Distances are in robust standard deviations of earlier checks; with limits, in shares of the way to them."
    return Section(title="Beside earlier checks", text=[text], tables=[Table(headers=headers, rows=rows)])


def slices_section(document: Mapping[str, Any]) -> Section | None:
    """The deciding metric per slice; None without slices that have one.

    Args:
        document: A report's full JSON; those of older versions have no slices.
    """
    known = [part for part in document.get("slices") or () if part["current"] is not None]
    if not known:
        return None
    lost = sum(bool(part["lost"]) for part in known)
    ranked = sorted(known, key=lambda part: (not part["lost"], part["gain"] if part["gain"] is not None else 0.0))
    rows: list[list[Cell]] = [
        [
            Badge("lost", Tone.BAD) if part["lost"] else Badge("held", Tone.NEUTRAL),
            f"{part['column']} = {part['value']}",
            part["labelled_rows"],
            part["current"],
            _interval(part["interval"]),
            part["reference"],
        ]
        for part in ranked[:_SLICES]
    ]
    said = f"{title(known[0]['metric'])} of {counted(len(known), 'slice')} with enough labels; {lost} lost."
    table = Table(headers=["Result", "Slice", "Labelled rows", "Now", "95 % interval", "At evaluation"], rows=rows)
    return Section(title="Slices", text=[said], tables=[table])


def _interval(ends: Sequence[float] | None) -> str | None:
    return f"{number(ends[0])} to {number(ends[1])}" if ends else None
