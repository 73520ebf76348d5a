"""A span of OTLP as it is kept."""

from __future__ import annotations

import json

import pytest

from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.traces.span_shape import arrived_spans

from .test_otlp import request


def test_span_knows_its_model_and_costs() -> None:
    attributes = {"mlflow.llm.cost": {"input_cost": 0.5, "total_cost": 1}, "mlflow.llm.model": "m" * 600}
    (span,) = arrived_spans(request({"attributes": attributes}))
    assert (span.record.input_cost, span.record.output_cost, span.record.total_cost) == (0.5, None, 1)
    assert span.record.model == "m" * 500


def test_known_agents_name_is_on_the_root_only() -> None:
    root, child = arrived_spans(
        request({}, {"id": "00000000000000bb", "parent": "00000000000000aa"}, service_name="claude-code")
    )
    assert json.loads(root.record.content)["attributes"]["service.name"] == '"claude-code"'
    assert "service.name" not in json.loads(child.record.content)["attributes"]
    assert child.record.parent_id == "00000000000000aa"
    assert root.resource == {"service.name": "claude-code"}


def test_short_id_is_filled_up() -> None:
    (span,) = arrived_spans(request({"trace": "ff", "id": "01"}))
    assert (span.trace_id, span.record.id) == (f"tr-{'ff':0>32}", f"{'01':0>16}")


def test_span_that_has_not_ended_has_no_end() -> None:
    (span,) = arrived_spans(request({"end": 0}))
    assert span.record.end_ns is None
    assert json.loads(span.record.content)["end_time_unix_nano"] is None


@pytest.mark.parametrize("broken", [{"trace": ""}, {"id": ""}, {"trace": "00" * 17}, {"parent": "00" * 9}])
def test_span_without_fit_ids_is_refused(broken: dict[str, str]) -> None:
    with pytest.raises(WireError) as caught:
        list(arrived_spans(request(broken)))
    assert caught.value.status == 422
