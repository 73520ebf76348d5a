from __future__ import annotations

import json
from html import unescape


def test_runs_stand_side_by_side_with_differences_marked(lab):
    html = lab.html(f"/compare?runs={lab.first},{lab.second}")
    page = lab.page(f"/compare?run={lab.first}&run={lab.second}&run={lab.first}")
    assert "2 runs" in page
    assert "lr 0.1 0.2" in page
    assert "auc 0.800 0.900" in page
    assert "<mark>0.2</mark>" in html
    assert "<mark>rf</mark>" not in html


def test_only_differences_are_shown_on_demand(lab):
    page = lab.page(f"/compare?runs={lab.first},{lab.second}&only=1")
    assert "lr 0.1 0.2" in page
    assert "model rf rf" not in page
    assert "Show everything" in page


def test_histories_lie_over_one_another(lab):
    html = lab.html(f"/compare?runs={lab.first},{lab.second},{lab.parent}")
    figure = html.partition('data-key="loss"')[2].partition(">")[0]
    assert json.loads(unescape(figure.partition('data-runs="')[2].partition('"')[0])) == [
        [lab.first, "first"],
        [lab.second, "second"],
    ]


def test_one_figure_is_drawn_over_another(lab):
    html = lab.html(f"/compare?runs={lab.first},{lab.second}&x=params.lr&y=metrics.auc")
    dots = unescape(html.partition('data-dots="')[2].partition('"')[0])
    assert json.loads(dots) == [["first", "0.1", "0.8"], ["second", "0.2", "0.9"]]
    assert 'data-x="params.lr"' in html
    assert lab.get(f"/compare?runs={lab.first},{lab.second}&x=nothing&y=<b>").status_code == 200


def test_nothing_and_what_is_not_there_are_told(lab):
    assert "Expected two or more runs, found none." in lab.page("/compare")
    assert lab.get("/compare?runs=nothing", accept="text/html").status_code == 404
