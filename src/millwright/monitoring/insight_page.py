"""What explains a report, as sections of its page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from millwright.evaluation.wording import counted, number, percent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.evaluation.section import Cell, Section


def insight_sections(document: Mapping[str, Any]) -> list[Section]:
    """Sections on odd rows, on errors that rose, and on what explains drift and a loss.

    Args:
        document: A report's full JSON; older ones lack these parts.

    Returns:
        Those that have something to show.
    """
    attribution = document.get("attribution") or {}
    found = [
        _attribution(attribution) if attribution.get("drift") else None,
        _loss(attribution["loss"], attribution.get("novelty")) if attribution.get("loss") else None,
        _concept(document["concept"]) if document.get("concept") else None,
        _anomalies(document["anomalies"]) if document.get("anomalies") else None,
    ]
    return [section for section in found if section is not None]


def _attribution(attribution: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section, Table

    rows: list[list[Cell]] = [
        [
            share["column"],
            percent(share["weight"]),
            share["statistic"],
            share["score"],
            share["importance"],
            share["where"],
            ", ".join(share["examples"]),
        ]
        for share in attribution["drift"]
    ]
    table = Table(
        headers=["Feature", "Weight", "Statistic", "Score", "Importance", "Grew most in", "Predictions"], rows=rows
    )
    text = ["Weight is drift, in units of its limit, times the feature's importance to the model."]
    if attribution.get("note"):
        text.append(str(attribution["note"]))
    return Section(title="What the drift is due to", text=text, tables=[table])


def _loss(loss: Mapping[str, Any], novelty: Mapping[str, Any] | None) -> Section | None:
    from millwright.evaluation.section import Section, Table

    if loss["change"] <= 0:
        return None
    text = [f"The {loss['name']} rose from {number(loss['before'])} to {number(loss['now'])}."]
    if novelty:
        agree = "are those" if novelty["agrees"] else "are not in general those"
        text.append(
            f"Rows that are new to the model {agree} that it errs on (rank correlation "
            f"{number(novelty['correlation'])} over {counted(novelty['rows'], 'row')})."
        )
        if novelty["examples"]:
            text.append(f"Rows that are both: {', '.join(novelty['examples'])}.")
    parts: list[list[Cell]] = [
        [
            each["column"],
            part["label"],
            part["rows"],
            part["before"],
            part["now"],
            part["contribution"],
            ", ".join(part["examples"]),
        ]
        for each in loss["features"]
        for part in each["worse"]
    ]
    mixes: list[list[Cell]] = [[each["column"], each["mix"]] for each in loss["features"]]
    tables = [Table(headers=["Feature", "What its changed mix costs"], rows=mixes)]
    if parts:
        headers = ["Feature", "Part", "Labelled", "Reference", "Now", "Adds", "Predictions"]
        tables.insert(0, Table(headers=headers, rows=parts))
    return Section(title="What the loss is due to", text=text, tables=tables)


def _concept(found: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section

    rose = [drift for drift in found["drifts"] if drift["worse"]]
    text = [str(found["note"])] if found["note"] else []
    if not rose and not text:
        text.append(f"{found['detector']} saw no rise of the errors over {counted(found['rows'], 'labelled row')}.")
    for drift in rose:
        before, after = (number(found["scale"] * drift[name]) for name in ("before", "after"))
        text.append(
            f"The mean error rose from {before} to {after} at {_moment(drift['changed_at'])}, with prediction "
            f"{drift['changed_id']}; {found['detector']} was sure at {_moment(drift['detected_at'])}."
        )
    return Section(title="Concept drift", text=text)


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _anomalies(found: Mapping[str, Any]) -> Section:
    from millwright.evaluation.section import Section, Table

    rows: list[list[Cell]] = [
        [row["prediction_id"], row["score"], ", ".join(str(feature["name"]) for feature in row["features"])]
        for row in found["examples"]
    ]
    text = (
        f"{percent(found['share'])} of {counted(found['rows'][1], 'row')} are unlike the reference's by "
        f"{found['method']}; {percent(found['expected'])} of the reference's are, and at most "
        f"{percent(found['limit'])} are tolerated."
    )
    headers = ["Prediction", "Times the limit", "Odd in"]
    return Section(title="Odd rows", text=[text], tables=[Table(headers=headers, rows=rows)] if rows else [])
