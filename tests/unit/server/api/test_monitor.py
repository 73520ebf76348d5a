from __future__ import annotations

import pytest


def test_endpoint_tells_what_it_follows(control):
    assert control.json("/api/v1/endpoints")["items"] == [control.json("/api/v1/endpoints/late-visit")]
    assert control.json("/api/v1/endpoints/late-visit")["selector"] == "champion"


def test_report_comes_with_its_document(control):
    report = control.json("/api/v1/reports?endpoint=late-visit")["items"][0]
    detail = control.json(f"/api/v1/reports/{report['id']}")
    assert detail["report"] == report
    assert detail["document"]["findings"]
    assert control.json("/api/v1/reports?monitor=")["items"][0]["id"] == report["id"]
    assert control.json("/api/v1/reports?monitor=hourly")["items"] == []


@pytest.mark.parametrize("family", ["alerts", "reports"])
def test_list_of_an_endpoint_that_there_is_not_names_the_closest(control, family):
    answer = control.get(f"/api/v1/{family}?endpoint=late-visits")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert "no endpoint 'late-visits'" in answer.json()["error"]["message"]
    assert "late-visit" in answer.json()["error"]["hint"]
    assert control.get(f"/api/v1/{family}?endpoint=late-visit").status_code == 200


def test_alerts_are_open_ones_when_asked(control):
    alerts = control.json("/api/v1/alerts?open_only=true")["items"]
    assert {alert["state"] for alert in alerts} == {"open"}


def test_decision_tells_its_reasons(control):
    decision = control.json("/api/v1/decisions")["items"][0]
    assert decision["outcome"] == "kept"
    assert decision["reasons"] == ["threshold: ROC AUC is too low."]
