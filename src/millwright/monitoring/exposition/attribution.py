"""What explains drift and a change of the loss, by feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.monitoring.exposition.fact import number, text, value
from millwright.monitoring.exposition.metric import Family, of_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from millwright.monitoring.exposition.fact import ReportFacts
    from millwright.monitoring.exposition.metric import Figure

DRIFT_SHARE = of_report(
    "drift_attribution_ratio", "A drifted feature's share of drift times importance, 0 to 1; in all 1.", "column"
)
IMPORTANCE = of_report(
    "feature_importance_ratio", "A feature's share of all importance, 0 to 1; told when one has drifted.", "column"
)
LOSS = of_report("mean_loss", "The mean loss on the window's labelled rows; `loss` says which one.", "loss")
LOSS_BEFORE = of_report("mean_loss_reference", "The same on the reference's labelled rows.", "loss")
LOSS_MIX = of_report("loss_mix", "What of its change the changed mix of a feature's values explains.", "loss", "column")
LOSS_PARTS = of_report(
    "loss_worse_parts", "What of its change parts of a feature add that fared worse than the others.", "loss", "column"
)
NOVELTY = of_report(
    "novelty_loss_correlation", "Spearman's correlation of how new rows are and of their loss, -1 to 1."
)


def _read(facts: ReportFacts) -> Iterator[Figure]:
    for share in facts.rows("attribution", "drift"):
        yield DRIFT_SHARE, (text(share, "column"),), number(share, "weight")
    importances = facts.fields("attribution", "importances", "shares")
    for column in sorted(importances, key=lambda each: -(number(importances, each) or 0.0)):
        yield IMPORTANCE, (column,), number(importances, column)
    loss = facts.fields("attribution", "loss")
    if loss:
        name = text(loss, "name").lower().replace(" ", "_")
        yield LOSS, (name,), number(loss, "now")
        yield LOSS_BEFORE, (name,), number(loss, "before")
        for feature in value(loss, "features") or ():
            labels = (name, text(feature, "column"))
            yield LOSS_MIX, labels, number(feature, "mix")
            yield LOSS_PARTS, labels, _worse(feature)
    yield NOVELTY, (), facts.number("attribution", "novelty", "correlation")


def _worse(feature: Mapping[str, Any]) -> float:
    return sum((number(part, "contribution") or 0.0 for part in value(feature, "worse") or ()), 0.0)


ATTRIBUTION = Family(
    name="attribution",
    about="What explains drift and a change of the loss; the weightiest features first, as reports have them.",
    metrics=(DRIFT_SHARE, IMPORTANCE, LOSS, LOSS_BEFORE, LOSS_MIX, LOSS_PARTS, NOVELTY),
    read=_read,
)
