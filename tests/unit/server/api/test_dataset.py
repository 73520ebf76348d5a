from __future__ import annotations


def test_dataset_version_has_schema_and_source(control):
    names = {record["dataset"] for record in control.json("/api/v1/datasets")["items"]}
    assert "visits" in names
    versions = control.json("/api/v1/datasets/visits/versions")["items"]
    one = control.json("/api/v1/datasets/visits/versions/1")
    assert one in versions
    assert [column["name"] for column in one["columns"]] == ["load", "crew", "days", "late"]
    assert one["rows"] == 300
