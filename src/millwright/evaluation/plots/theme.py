"""One look for all figures: fonts, colours, margins, for light and dark pages, wide screens and phones.

Colours are told apart by people with any kind of colour vision (after Okabe and Ito, 2008) and have a contrast of at
least 3:1 with the page.
"""

from __future__ import annotations

import html
import textwrap
from typing import TYPE_CHECKING, Any

from millwright.core.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from plotly.graph_objects import Figure

BLUE, ORANGE, GREEN, PURPLE, GOLD, SLATE = "#2f72b8", "#c8570c", "#17806a", "#8f4a96", "#9a7206", "#64748b"
SEQUENTIAL = [[0.0, "#f4f8fc"], [0.25, "#c5daee"], [0.5, "#84afd8"], [0.75, "#4480bd"], [1.0, "#164a83"]]
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"

_LABEL_WIDTH = 24  # characters a line; a quarter of a phone's width is left for the plot
_LABEL_LINES = 3
_SUBTITLE_WIDTH = 54  # fits a phone


def figure(
    title: str,
    traces: Sequence[dict[str, Any]],
    *,
    subtitle: str = "",
    x: dict[str, Any] | None = None,
    y: dict[str, Any] | None = None,
    layout: dict[str, Any] | None = None,
) -> Figure:
    """A figure in the theme.

    Args:
        title: A few words; made by us, not by users.
        traces: Plotly traces as dictionaries.
        subtitle: One sentence under the title; users' text in it must have gone through `plain`.
        x: The horizontal axis: plotly settings, `title` as text.
        y: The vertical axis.
        layout: Further layout settings.

    Raises:
        MissingExtraError: plotly is not installed.
    """
    try:
        from plotly.graph_objects import Figure
    except ImportError as error:
        raise MissingExtraError("plotly", "sklearn") from error
    lines = textwrap.wrap(subtitle, _SUBTITLE_WIDTH)
    heading: dict[str, Any] = {"text": f"<b>{title}</b>"}
    if lines:
        heading["subtitle"] = {"text": "<br>".join(lines)}
    return Figure(
        data=list(traces),
        layout={
            "template": template(),
            "title": heading,
            "xaxis": _axis(x),
            "yaxis": _axis(y),
            "margin": {"l": 16, "r": 20, "b": 16, "t": 62 + 17 * len(lines)},
            "height": 420,
            **(layout or {}),
        },
    )


def template(*, dark: bool = False) -> dict[str, Any]:
    """The look, as a plotly template; transparent, so that the page shows through."""
    ink, faint, line = ("#e2e8f0", "#9aa7b8", "#3b4656") if dark else ("#1e293b", "#5b6778", "#dde3ea")
    axis = {
        "gridcolor": line,
        "linecolor": line,
        "zerolinecolor": line,
        "zerolinewidth": 1,
        "automargin": True,
        "title": {"font": {"size": 13, "color": faint}, "standoff": 10},
        "tickfont": {"size": 12},
        "ticks": "outside",
        "tickcolor": "rgba(0,0,0,0)",
        "ticklen": 4,
    }
    colours = ["#6ba4e0", "#ef9350", "#45bda0", "#c78bce", "#d7ad3c", "#9fb0c5"] if dark else _LIGHT
    return {
        "layout": {
            "font": {"family": FONT, "size": 13, "color": ink},
            "title": {
                "x": 0.0,
                "xref": "container",
                "xanchor": "left",
                "y": 1.0,
                "yref": "container",
                "yanchor": "top",
                "pad": {"l": 16, "t": 14},
                "font": {"size": 16},
                "subtitle": {"font": {"size": 12, "color": faint}},
            },
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": colours,
            "xaxis": axis,
            "yaxis": axis,
            "legend": {
                "orientation": "h",
                "x": 0,
                "xanchor": "left",
                "y": -0.2,
                "yanchor": "top",
                "font": {"size": 12},
                "bgcolor": "rgba(0,0,0,0)",
            },
            "hoverlabel": {"font": {"family": FONT, "size": 12}, "align": "left"},
            "bargap": 0.28,
            "dragmode": False,
        }
    }


_LIGHT = [BLUE, ORANGE, GREEN, PURPLE, GOLD, SLATE]


def plain(text: object) -> str:
    """Text of any origin as plotly shall show it: without its own mark-up."""
    return html.escape(str(text), quote=False)


def label(text: object, width: int = _LABEL_WIDTH) -> str:
    """Text of any origin for an axis or legend: escaped, wrapped at `width`, at most three lines."""
    lines = textwrap.wrap(str(text), width, max_lines=_LABEL_LINES, placeholder=" …", break_on_hyphens=True)
    return "<br>".join(plain(line) for line in lines) or "(blank)"


def labels(texts: Sequence[object], width: int = _LABEL_WIDTH) -> list[str]:
    """As `label`, but different texts stay different, for they are an axis's categories."""
    seen: dict[str, int] = {}
    found = []
    for text in texts:
        shown = label(text, width)
        seen[shown] = seen.get(shown, 0) + 1
        # Zero-width spaces tell categories apart without being seen.
        found.append(shown + "\u200b" * (seen[shown] - 1))
    return found


def bars_height(labels_shown: Sequence[str], *, least: int = 240) -> int:
    """A height in pixels at which horizontal bars with these labels have room."""
    lines = max((shown.count("<br>") + 1 for shown in labels_shown), default=1)
    return max(least, 130 + len(labels_shown) * max(28, 8 + 15 * lines))  # all bars are as high as the highest label


def reference_line(x: Sequence[float], y: Sequence[float], name: str) -> dict[str, Any]:
    """A dashed grey line to compare with; without a name it is not in the legend."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "name": name,
        "showlegend": bool(name),
        "hoverinfo": "skip",
        "line": {"color": SLATE, "width": 1.5, "dash": "dash"},
    }


def _axis(settings: dict[str, Any] | None) -> dict[str, Any]:
    axis = dict(settings or {})
    if isinstance(axis.get("title"), str):
        axis["title"] = {"text": axis["title"]}
    return axis
