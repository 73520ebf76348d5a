from __future__ import annotations

from millwright.evaluation.plots.line import class_lines
from millwright.evaluation.report import Curve


def test_lines_have_one_trace_per_class_told_apart_without_colour():
    curves = [Curve(label=name, x=(0.0, 1.0), y=(0.0, 1.0)) for name in ("a", "<b>")]

    first, second = class_lines(curves, x="recall", y="precision")

    assert (first["name"], second["name"]) == ("a", "&lt;b&gt;")
    assert first["line"]["dash"] != second["line"]["dash"]
    assert first["mode"] == "lines"


def test_lines_show_rows_behind_their_points_when_hovering():
    (trace,) = class_lines([Curve(label="a", x=(0.1,), y=(0.2,), weight=(1200,))], x="x", y="y", markers=True)

    assert trace["customdata"] == ["<br>1,200 rows"]
    assert trace["mode"] == "lines+markers"
