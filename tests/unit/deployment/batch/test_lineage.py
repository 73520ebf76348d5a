from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.records.audit import NodeKind
from millwright.deployment.batch.lineage import edges_of
from millwright.deployment.batch.table import BatchOptions, predict_table

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_output_comes_from_the_model_version_and_the_input(tmp_path, package, mixed):
    mixed.write_csv(tmp_path / "in.csv")
    told = []
    options = BatchOptions(on_done=told.append)
    source, output = str(tmp_path / "in.csv"), tmp_path / "out.csv"
    result = predict_table(package, source, output, model_ref="delay@1", options=options)
    assert told == [result]
    edges = edges_of(result, NOW)
    assert [(edge.source_kind, edge.relation) for edge in edges] == [
        (NodeKind.MODEL_VERSION, "predicted"),
        (NodeKind.SOURCE, "read"),
    ]
    assert edges[0].source_id == "delay@1"
    assert edges[1].source_id.startswith(f"{source}#")
    assert {(edge.target_kind, edge.target_id, edge.at) for edge in edges} == {(NodeKind.SOURCE, result.output_id, NOW)}
    assert result.output_id.startswith(f"{output}#")


def test_frame_is_no_node(tmp_path, package, mixed):
    (edge,) = edges_of(predict_table(package, mixed, tmp_path / "out.csv", model_ref="delay@1"), NOW)
    assert edge.source_kind is NodeKind.MODEL_VERSION
