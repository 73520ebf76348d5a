from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from hypothesis import given, settings
from hypothesis import strategies as st

from millwright.pipelines.graph.drawing import Line, Shape, Sketch, sketch, terminal
from unit.pipelines.graph.drawing.conftest import drawing, drawings

if TYPE_CHECKING:
    from millwright.pipelines.graph import Graph
    from millwright.pipelines.graph.drawing import Row


def plain(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_boxes_stand_below_one_another() -> None:
    assert plain(terminal(drawing(2, (0, 1)), 80)) == [
        "drawing",
        "",
        "┌────┐",
        "│ s0 │",
        "└──┬─┘",
        "   ▼",
        "┌────┐",
        "│ s1 │",
        "└────┘",
    ]


def test_everything_is_drawn(graph: Graph) -> None:
    rows = plain(terminal(sketch(graph), 80))
    text = "\n".join(rows)
    assert rows[:2] == ["everything", 'source="a.csv"']
    assert rows[-1] == "on failure: clean_up → alarm"
    for name in ("load", "split", "fit", "judge", "publish", "tell", "ask", "ask-2"):
        assert f"│ {name} │" in text
    assert "judge.passed?" in text
    assert "│ fit │┐" in text
    assert "┄┄┄" in text
    assert "▼ yes" in text
    assert "depot, rows ▼" in text


def test_line_that_branches_goes_to_each_of_its_ends() -> None:
    text = "\n".join(plain(terminal(drawing(4, (0, 1), (0, 2), (0, 3)), 80)))
    assert text.count("▼") == 3
    assert "┴" in text or "┼" in text


def test_what_is_too_wide_is_listed(graph: Graph) -> None:
    assert plain(terminal(sketch(graph), 24)) == [
        "everything",
        'source="a.csv"',
        "",
        "load",
        "split      ← load (rows)",
        "fit [each] ← split",
        "             (depot,",
        "             rows)",
        "judge      ← fit",
        "             (models),",
        "             split",
        "             (test)",
        "publish    ← if judge.pa",
        "             ssed, fit",
        "             (models)",
        "tell       ← publish",
        "             (version)",
        "ask        ← unless judg",
        "             e.passed",
        "ask-2      ← after judge",
        "",
        "on failure: clean_up →",
        "  alarm",
    ]


def test_graph_of_thousand_steps_is_listed() -> None:
    pairs = [(index, index + 1) for index in range(999)]
    rows = plain(terminal(drawing(1000, *pairs), 80))
    assert rows[-1] == "s999 ← s998"


def test_wide_letters_take_two_columns() -> None:
    shapes = (Shape(key="a", text="手順"), Shape(key="b", text="b"))
    drawn = Sketch(title="t", params={}, shapes=shapes, lines=(Line(source="a", target="b"),))
    rows = plain(terminal(drawn, 80))
    assert rows[2:5] == ["┌──────┐", "│ 手順 │", "└───┬──┘"]


@settings(deadline=None)
@given(drawings())
def test_drawing_fits_and_names_every_step(drawn: Sketch) -> None:
    rows = plain(terminal(drawn, 80))
    assert all(sum(2 if east_asian_width(each) in "WF" else 1 for each in row) <= 80 for row in rows)
    text = "\n".join(rows)
    if "┌" in text:
        assert all(shape.text in text for shape in drawn.shapes)


@st.composite
def _ascii(draw: st.DrawFn) -> Sketch:
    """Shapes whose letters take a column each, and any lines between them."""
    count = draw(st.integers(1, 9))
    pair = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda each: each[0] < each[1])
    pairs = draw(st.sets(pair, max_size=14)) if count > 1 else set()
    return drawing(count, *sorted(pairs))


@settings(deadline=None)
@given(_ascii())
def test_every_arrow_points_at_the_upper_edge_of_its_shape(drawn: Sketch) -> None:
    rows = plain(terminal(drawn, 300))
    arrows = [(number, at) for number, row in enumerate(rows) for at, letter in enumerate(row) if letter == "▼"]
    assert all(rows[number + 1][at] == "─" for number, at in arrows)
    assert all(rows[number - 1][at] in "│┌┐├┤┬┼┴└┘─" for number, at in arrows)
    # Lines of one shape that pass a row together arrive together; there are never more arrows than lines.
    assert len({line.target for line in drawn.lines}) <= len(arrows) <= len(drawn.lines)
