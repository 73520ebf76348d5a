from __future__ import annotations


def test_audit_is_listed_by_subject_and_verified(control):
    entries = control.json("/api/v1/audit?subject=late-visit@1")["items"]
    assert {entry["subject"] for entry in entries} == {"late-visit@1"}
    verified = control.json("/api/v1/audit/verify")
    assert verified["ok"] is True
    assert control.json(f"/api/v1/audit/verify?head={verified['head']}")["ok"] is True
    assert control.json(f"/api/v1/audit/verify?head={'0' * 63}1")["ok"] is False


def test_prediction_is_explained_to_its_data(control):
    explained = control.json(f"/api/v1/predictions/{control.prediction}/why")
    assert explained["model"] == "late-visit@1"
    assert set(explained["features"]) == {"load", "crew", "days"}
    assert explained["version"]["datasets"][0]["ref"] == "visits@1"


def test_lineage_is_walked_both_ways(control):
    up = control.json("/api/v1/lineage?kind=model_version&node=late-visit@1")
    assert {"kind": "dataset", "id": "visits@1"} in up["nodes"]
    down = control.json("/api/v1/lineage?kind=dataset&node=visits@1&direction=downstream")
    assert {"kind": "model_version", "id": "late-visit@1"} in down["nodes"]
    assert control.json("/api/v1/lineage?kind=dataset&node=visits@1&depth=0")["edges"] == []
