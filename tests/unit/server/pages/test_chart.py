from __future__ import annotations

from millwright.server.pages.chart import plotly_version
from millwright.server.security import PAGE_POLICY


def test_scripts_are_sent_from_here(lab):
    plotly = lab.get("/assets/plotly.js")
    assert plotly.headers["content-type"].startswith("text/javascript")
    assert "immutable" in plotly.headers["cache-control"]
    assert "plotly.js v" in plotly.text[:200]
    assert "Plotly.react" in lab.get("/assets/chart.js").text
    assert plotly_version()


def test_only_pages_with_charts_may_run_them(lab):
    drawn = lab.get(f"/tracked/{lab.first}", accept="text/html")
    policy = drawn.headers["content-security-policy"]
    assert policy == f"{PAGE_POLICY}; script-src 'self'; connect-src 'self'"
    assert "unsafe" not in policy
    assert drawn.text.count("<script src=") == 2
    for path in ("/experiments", f"/experiments/{lab.experiment}", f"/tracked/{lab.parent}", "/models"):
        plain = lab.get(path, accept="text/html")
        assert plain.headers["content-security-policy"] == PAGE_POLICY
        assert "<script" not in plain.text
