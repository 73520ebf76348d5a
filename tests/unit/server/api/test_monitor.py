from __future__ import annotations


def test_endpoint_tells_what_it_follows(control):
    assert control.json("/api/v1/endpoints")["items"] == [control.json("/api/v1/endpoints/late-visit")]
    assert control.json("/api/v1/endpoints/late-visit")["selector"] == "champion"


def test_report_comes_with_its_document(control):
    report = control.json("/api/v1/reports?endpoint=late-visit")["items"][0]
    detail = control.json(f"/api/v1/reports/{report['id']}")
    assert detail["report"] == report
    assert detail["document"]["findings"]
    assert control.json("/api/v1/reports?endpoint=other")["items"] == []
    assert control.json("/api/v1/reports?monitor=")["items"][0]["id"] == report["id"]
    assert control.json("/api/v1/reports?monitor=hourly")["items"] == []


def test_alerts_are_open_ones_when_asked(control):
    alerts = control.json("/api/v1/alerts?open_only=true")["items"]
    assert {alert["state"] for alert in alerts} == {"open"}


def test_decision_tells_its_reasons(control):
    decision = control.json("/api/v1/decisions")["items"][0]
    assert decision["outcome"] == "kept"
    assert decision["reasons"] == ["threshold: ROC AUC is too low."]
