from __future__ import annotations

from html import unescape

from millwright.server.pages.run_history import chart_of


def test_metrics_have_figures_and_charts_and_the_machine_stands_apart(lab):
    html = lab.html(f"/tracked/{lab.first}")
    page = lab.page(f"/tracked/{lab.first}")
    assert "auc 0.800 0 0.800 0.800 1" in page
    assert "loss 0.050 19 0.050 1 20" in page
    assert page.index("loss 0.050") < page.index("The machine") < page.index("system/cpu 52")
    assert 'data-key="loss"' in html
    assert 'data-key="auc"' not in html  # one point is no history
    source = unescape(html.partition('data-source="')[2].partition('"')[0])
    assert len(lab.json(source)["runs"][0]["points"]) == 20


def test_chart_asks_for_its_points():
    chart = chart_of("a/b & c", [("1", "n" * 100)])
    assert chart.source == "/api/v1/histories?key=a%2Fb+%26+c&points=500&run=1"
    assert len(chart.runs[0][1]) == 60
