from __future__ import annotations

from millwright.exports.monitoring.panel import Panel, Section, laid_out, variable


def test_panels_go_to_the_next_row_where_one_does_not_fit():
    panels = tuple(Panel(title=str(width), queries=(("up", ""),), width=width) for width in (12, 6, 12, 24))
    sections = (Section(title="first", panels=panels), Section(title="second", panels=panels[:1]))
    placed = laid_out(sections)
    assert [(each["gridPos"]["x"], each["gridPos"]["y"]) for each in placed] == [
        (0, 0), (0, 1), (12, 1), (0, 9), (0, 17), (0, 25), (0, 26),
    ]  # fmt: skip
    assert [each["title"] for each in placed if each["type"] == "row"] == ["first", "second"]


def test_only_pictures_over_time_ask_for_ranges():
    over_time, now = (Panel(title="t", queries=(("up", "{{job}}"),), kind=kind) for kind in ("timeseries", "stat"))
    assert over_time.document(1, 0, 0)["targets"][0]["range"]
    assert now.document(1, 0, 0)["targets"][0]["instant"]


def test_variable_chooses_several_values():
    found = variable("endpoint", "Endpoint", "label_values(up, endpoint)")
    assert found["multi"]
    assert found["allValue"] == ".*"
    assert found["query"]["query"] == "label_values(up, endpoint)"
