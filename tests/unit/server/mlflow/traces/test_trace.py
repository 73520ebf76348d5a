from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unit.server.mlflow.conftest import Wire

V2, V3 = "/api/2.0/mlflow/traces", "/api/3.0/mlflow/traces"
FILES = "mlflow-artifacts:/0/traces"
TIME = "2025-01-01T00:00:00.123Z"
PLACE = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}


def body(trace_id: str, **more: Any) -> dict[str, Any]:
    info = {"trace_id": trace_id, "trace_location": PLACE, "request_time": TIME, "state": "OK", **more}
    return {"trace": {"trace_info": info}}


def start(wire: Wire, trace_id: str, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = wire.post(V3, body(trace_id, **more))["trace"]["trace_info"]
    return found


def test_trace_comes_back_as_it_was_written(wire: Wire) -> None:
    written = start(
        wire,
        "tr-1",
        execution_duration="1.5s",
        request_preview='"hi"',
        response_preview='"ho"',
        client_request_id="c",
        trace_metadata={"m": "1"},
        tags={"t": "1", "mlflow.traceName": "ask"},
    )
    assert written == {
        "trace_id": "tr-1",
        "trace_location": PLACE,
        "request_time": TIME,
        "state": "OK",
        "execution_duration": "1.500s",
        "request_preview": '"hi"',
        "response_preview": '"ho"',
        "client_request_id": "c",
        "trace_metadata": {"m": "1", "mlflow.trace.infoFinalized": "true"},
        "tags": {"t": "1", "mlflow.traceName": "ask", "mlflow.artifactLocation": f"{FILES}/tr-1/artifacts"},
    }
    assert wire.get(f"{V3}/tr-1")["trace"]["trace_info"] == written
    assert wire.fails("GET", f"{V3}/nope") == (404, "RESOURCE_DOES_NOT_EXIST", "Trace with ID 'nope' not found.")


def test_trace_that_is_written_again_keeps_what_is_not_said(wire: Wire) -> None:
    start(wire, "tr-1", request_preview="hi", tags={"a": "1"}, trace_metadata={"m": "1"}, state="IN_PROGRESS")
    again = start(wire, "tr-1", execution_duration="2s", tags={"b": "2"}, state="ERROR")
    assert (again["request_preview"], again["state"], again["execution_duration"]) == ("hi", "ERROR", "2s")
    assert {"a": "1", "b": "2"}.items() <= again["tags"].items()
    assert again["trace_metadata"]["m"] == "1"


def test_trace_brings_its_assessments(wire: Wire) -> None:
    given = {"assessment_id": "a-1", "assessment_name": "q", "feedback": {"value": True}}
    for _ in range(2):
        written = start(wire, "tr-1", assessments=[given])
        assert [each["assessment_id"] for each in written["assessments"]] == ["a-1"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "Missing value for required parameter 'trace'"),
        ({"trace": {}}, "'trace.trace_info'"),
        ({"trace": {"trace_info": {}}}, "trace_id'"),
        ({"trace": {"trace_info": {"trace_id": "t"}}}, "experiment_id'"),
        (body("t", state="NOPE"), "parameter 'state'"),
        (body("t", request_time="yesterday"), "RFC 3339"),
        (body("t", execution_duration="long"), "such as 1.5s"),
        (body("t", tags={"": "1"}), "tags.key"),
        (body("t", tags={"mlflow.traceName": "n" * 4097}), "'Trace name' exceeds"),
        (body("t" * 300), "'trace_id' exceeds"),
        (body("t", request_preview="a\0"), "NUL"),
    ],
)
def test_trace_that_cannot_be_is_refused(wire: Wire, wrong: dict[str, Any], told: str) -> None:
    status, code, message = wire.fails("POST", V3, wrong)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert told in message


def test_trace_needs_an_active_experiment(wire: Wire) -> None:
    place = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "99"}}
    assert wire.fails("POST", V3, body("t", trace_location=place))[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


@pytest.mark.parametrize("path", [V2, V3])
def test_tags_are_set_and_removed(wire: Wire, path: str) -> None:
    start(wire, "tr-1")
    wire.patch(f"{path}/tr-1/tags", {"key": "a", "value": "b"})
    assert wire.get(f"{V3}/tr-1")["trace"]["trace_info"]["tags"]["a"] == "b"
    wire.delete(f"{path}/tr-1/tags", {"key": "a"})
    message = "No trace tag with key 'a' for trace with ID 'tr-1'"
    assert wire.fails("DELETE", f"{path}/tr-1/tags", {"key": "a"}) == (404, "RESOURCE_DOES_NOT_EXIST", message)
    assert wire.fails("PATCH", f"{path}/nope/tags", {"key": "a", "value": "b"})[0] == 404
    assert "'key'" in wire.fails("PATCH", f"{path}/tr-1/tags", {"value": "b"})[2]
    for method, done in (("PATCH", "set"), ("DELETE", "deleted")):
        told = wire.fails(method, f"{path}/tr-1/tags", {"key": "mlflow.trace.spansLocation", "value": "x"})[2]
        assert told == f"Tag 'mlflow.trace.spansLocation' is immutable and cannot be {done} on a trace."
    assert "250" in wire.fails("PATCH", f"{path}/tr-1/tags", {"key": "a" * 251, "value": "x"})[2]


@pytest.mark.parametrize("path", [V2, V3])
def test_traces_are_deleted_by_id_or_by_time(wire: Wire, path: str) -> None:
    for second in range(5):
        start(wire, f"tr-{second}", request_time=f"2025-01-01T00:00:0{second}Z")
    delete = f"{path}/delete-traces"
    assert wire.post(delete, {"experiment_id": "0", "request_ids": ["tr-0", "nope"]}) == {"traces_deleted": 1}
    assert wire.post(delete, {"experiment_id": "5", "request_ids": ["tr-1"]}) == {"traces_deleted": 0}
    until = 1735689603000
    two = {"experiment_id": "0", "max_timestamp_millis": until, "max_traces": 2}
    assert wire.post(delete, two) == {"traces_deleted": 2}
    assert wire.post(delete, {"experiment_id": "0", "max_timestamp_millis": until}) == {"traces_deleted": 1}
    assert wire.get(f"{V3}/tr-4")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({}, "Missing value for required parameter 'experiment_id'"),
        ({"experiment_id": "0"}, "Either `max_timestamp_millis` or `trace_ids` must be specified."),
        ({"experiment_id": "0", "request_ids": ["t"], "max_timestamp_millis": 1}, "Only one of"),
        ({"experiment_id": "0", "request_ids": ["t"], "max_traces": 1}, "`max_traces` can't be specified"),
        ({"experiment_id": "0", "max_timestamp_millis": 1, "max_traces": 0}, "must be a positive integer, received 0."),
        ({"experiment_id": "0", "max_timestamp_millis": 2**60}, "of this age"),
    ],
)
def test_deletion_that_cannot_be_is_refused(wire: Wire, wrong: dict[str, Any], told: str) -> None:
    assert told in wire.fails("POST", f"{V3}/delete-traces", wrong)[2]


def test_infos_of_many_traces_come_at_once(wire: Wire) -> None:
    for name in ("tr-1", "tr-2"):
        start(wire, name)
    path = f"{V3}/batchGetInfos"
    found = wire.post(path, {"trace_ids": ["tr-2", "nope", "tr-1"]})["trace_infos"]
    assert [each["trace_id"] for each in found] == ["tr-2", "tr-1"]
    assert len(wire.post(path, {"trace_ids": ["tr-2"], "experiment_ids": ["0"]})["trace_infos"]) == 1
    assert wire.post(path, {"trace_ids": ["tr-2"], "experiment_ids": []}) == {}
    assert "'trace_ids'" in wire.fails("POST", path, {})[2]


def test_traces_are_linked_with_runs_and_prompts(wire: Wire) -> None:
    start(wire, "tr-1")
    run = wire.post("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"]
    assert wire.post("traces/link-to-run", {"trace_ids": ["tr-1", "later"], "run_id": run}) == {}
    start(wire, "later")
    search = {"locations": [PLACE], "filter": f"run_id = '{run}'"}
    assert {each["trace_id"] for each in wire.post(f"{V3}/search", search)["traces"]} == {"tr-1", "later"}
    many = {"trace_ids": ["t"] * 101, "run_id": run}
    assert "Provided 101 traces." in wire.fails("POST", "traces/link-to-run", many)[2]
    prompts = {"trace_id": "tr-1", "prompt_versions": [{"name": "p", "version": "1"}]}
    assert wire.post("traces/link-prompts", prompts) == {}
    search["filter"] = "prompt = 'p/1'"
    assert [each["trace_id"] for each in wire.post(f"{V3}/search", search)["traces"]] == ["tr-1"]
    assert wire.fails("POST", "traces/link-prompts", prompts | {"trace_id": "nope"})[0] == 404
    wrong = prompts | {"prompt_versions": [{"name": "p", "version": "x"}]}
    assert wire.fails("POST", "traces/link-prompts", wrong)[0] == 400
