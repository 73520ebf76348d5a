from __future__ import annotations

import json
from dataclasses import replace

from millwright.core.records.model import RegisteredModelRecord
from millwright.server.mlflow.answer import encode
from millwright.server.mlflow.registry.registry_shape import wire_model, wire_version
from millwright.testing import sample


def test_version_of_ours_tells_where_its_files_are():
    record = sample.model_version("a", version=3, run_id=None, tags={})
    sent = json.loads(encode(wire_version(record, [sample.alias("a", 3), sample.alias("a", 2, alias_name="x")])))
    assert sent["source"] == "mlflow-artifacts:/registry/a/3"
    assert (sent["version"], sent["run_id"], sent["aliases"]) == ("3", "", ["champion"])
    assert "tags" not in sent
    assert "model_id" not in sent


def test_version_by_source_tells_that_source():
    record = sample.model_version("a", package=None, source="runs:/r/m", location="mlflow-artifacts:/1", model_id="m-1")
    sent = json.loads(encode(wire_version(record)))
    assert (sent["source"], sent["model_id"]) == ("runs:/r/m", "m-1")


def test_model_leaves_out_what_it_has_not():
    record = RegisteredModelRecord(name="a", created_at=sample.NOON)
    sent = json.loads(encode(wire_model(record)))
    assert set(sent) == {"name", "creation_timestamp", "last_updated_timestamp"}
    full = wire_model(
        replace(record, description="d", tags={"k": "v"}), [sample.model_version("a")], [sample.alias("a", 1)]
    )
    assert set(json.loads(encode(full))) == {*sent, "description", "tags", "aliases", "latest_versions"}
