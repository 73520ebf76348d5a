"""What explains a report, on the terminal: odd rows, errors that rose, features that drift and loss are due to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.cli.console import Output

_MOST = 5


def print_insights(out: Output, document: Mapping[str, Any]) -> None:
    """Odd rows, drift of the concept, and what explains drift and a loss, as far as there is any.

    Args:
        out: The terminal.
        document: A report's full JSON; older ones lack these parts.
    """
    _print_anomalies(out, document.get("anomalies"))
    _print_concept(out, document.get("concept"))
    attribution = document.get("attribution") or {}
    _print_drift(out, attribution)
    _print_loss(out, attribution.get("loss"))


def _print_anomalies(out: Output, found: Mapping[str, Any] | None) -> None:
    if not found:
        return
    out.line(f"Rows unlike the reference's: {found['share']:.1%} of {found['rows'][1]:,} ({found['method']}).")
    if found["risen"]:
        rows = [
            [row["prediction_id"], row["score"], ", ".join(feature["name"] for feature in row["features"])]
            for row in found["examples"][:_MOST]
        ]
        out.table(["prediction", "times the limit", "odd"], rows)


def _print_concept(out: Output, found: Mapping[str, Any] | None) -> None:
    if not found:
        return
    if found["note"]:
        out.line(found["note"])
    for drift in found["drifts"]:
        if drift["worse"]:
            before, after = (found["scale"] * drift[name] for name in ("before", "after"))
            out.line(f"Errors rose from {before:.3g} to {after:.3g} at {drift['changed_at']} ({drift['changed_id']}).")


def _print_drift(out: Output, attribution: Mapping[str, Any]) -> None:
    shares = attribution.get("drift")
    if not shares:
        return
    rows = [
        [share["column"], f"{share['weight']:.0%}", share["score"], share["importance"], share["where"]]
        for share in shares[:_MOST]
    ]
    out.line("Drift by how much it matters:")
    out.table(["feature", "weight", "drift", "importance", "most in"], rows)


def _print_loss(out: Output, loss: Mapping[str, Any] | None) -> None:
    if not loss:
        return
    parts = [
        [each["column"], part["label"], part["rows"], part["before"], part["now"], part["contribution"]]
        for each in loss["features"]
        for part in each["worse"]
    ]
    if parts:
        out.line(
            f"Where the {loss['name']} rose more than elsewhere (overall {loss['before']:.3g} → {loss['now']:.3g}):"
        )
        out.table(["feature", "part", "labelled", "reference", "now", "adds"], parts[:_MOST])
