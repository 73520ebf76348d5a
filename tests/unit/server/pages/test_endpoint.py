from __future__ import annotations

import re


def test_monitoring_shows_endpoints_alerts_and_reports(control):
    page = control.page("/monitoring")
    assert "late-visit not running" in page
    assert "late-visit@champion" in page
    assert "120 100" in page
    assert "columns" in page


def test_endpoint_shows_what_it_follows_and_some_predictions(control):
    page = control.page("/endpoints/late-visit")
    assert "Follows champion" in page
    links = re.findall(r'href="(/predictions/[0-9a-f]+)"', control.get("/endpoints/late-visit").text)
    assert len(links) == 8
    assert "Version late-visit@1" in control.page(links[0])


def test_monitoring_of_an_empty_workspace_says_so(empty):
    page = empty.page("/monitoring")
    assert "No endpoint was served yet." in page
    assert "There is no alert." in page
    assert "Nothing was checked yet." in page
