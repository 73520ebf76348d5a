"""The columns of a monitoring report that moved most, the reference beside the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.evaluation.wording import number, percent
from millwright.server.pages.element import Badge, Tone

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = 6  # that are shown, those that went furthest beyond their limit
_CELLS = 12  # of a column of categories; the others are counted together


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A cell of both samples.

    Attributes:
        label: Which values it holds.
        bars: Reference and window, 0 to 1: the longest bar of the column is 1.
        shares: Both shares of rows, in words.
    """

    label: str
    bars: tuple[float, float]
    shares: tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Distribution:
    """A column.

    Attributes:
        name: Its name.
        badge: Whether it drifted.
        note: The score that decides, and its limit.
        pairs: Its cells, without those that are empty on both sides.
    """

    name: str
    badge: Badge
    note: str
    pairs: Sequence[Pair]


@dataclass(frozen=True, kw_only=True, slots=True)
class Distributions:
    """Columns, two in a row where there is room; drawn without a script."""

    columns: Sequence[Distribution]
    template: str = field(default="part/distributions.html.jinja", init=False)


def distributions(document: Mapping[str, Any]) -> Distributions | None:
    """The columns that moved most; None when nothing was compared.

    Args:
        document: A report's full JSON; of removed ones it is empty, and of older ones it lacks parts.
    """
    known = [column for column in document.get("drift") or () if column.get("cells")]
    ranked = sorted(known, key=_excess, reverse=True)[:COLUMNS]
    return Distributions(columns=[_distribution(column) for column in ranked]) if ranked else None


def _excess(column: Mapping[str, Any]) -> float:
    return float(column["scores"].get(column["statistic"], 0.0)) / float(column["threshold"] or 1.0)


def _distribution(column: Mapping[str, Any]) -> Distribution:
    cells = column["cells"]
    counts = list(zip(cells["labels"], cells["reference"], cells["current"], strict=True))
    totals = [max(1, sum(cells[side])) for side in ("reference", "current")]
    shares = [(str(label), before / totals[0], now / totals[1]) for label, before, now in counts if before + now > 0]
    if column["kind"] == "categorical":
        shares = _largest(shares)
    longest = max((max(before, now) for _, before, now in shares), default=0.0) or 1.0
    score = column["scores"].get(column["statistic"])
    said = f"{column['statistic'].replace('_', ' ')} {number(score)}, limit {number(column['threshold'])}"
    return Distribution(
        name=column["column"],
        badge=Badge("drifted", Tone.WARN) if column["drifted"] else Badge("same"),
        note=said if score is not None else "",
        pairs=[
            Pair(label=label, bars=(before / longest, now / longest), shares=(percent(before), percent(now)))
            for label, before, now in shares
        ],
    )


def _largest(shares: Sequence[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """The largest categories of either side, in their order; the others together."""
    if len(shares) <= _CELLS:
        return list(shares)
    kept = sorted(shares, key=lambda share: -max(share[1:]))[: _CELLS - 1]
    rest = [share for share in shares if share not in kept]
    together = (f"{len(rest)} others", sum(share[1] for share in rest), sum(share[2] for share in rest))
    return [*(share for share in shares if share in kept), together]
