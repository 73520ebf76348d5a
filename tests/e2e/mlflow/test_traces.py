"""MLflow's own client writes traces to a real server, finds, tags, assesses and deletes them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2e.workplace import Workplace

mlflow = pytest.importorskip("mlflow", reason="needs mlflow")
# The client writes no trace at all where one of its own warnings is an error.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


@pytest.fixture
def client(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> Iterator[mlflow.MlflowClient]:
    from e2e.mlflow.test_tracking import client_of

    monkeypatch.setenv("MLFLOW_ENABLE_ASYNC_TRACE_LOGGING", "false")
    with client_of(workplace) as opened:
        mlflow.set_experiment("rail")
        yield opened
        mlflow.set_experiment(experiment_id="0")


def ask(question: str) -> str:
    """One trace with a span inside a span."""

    @mlflow.trace(span_type="LLM", attributes={"model": "tiny"})
    def think(text: str) -> str:
        if text == "bad":
            raise ValueError(text)
        return text.upper()

    @mlflow.trace(name="ask", span_type="CHAIN")
    def answer(text: str) -> str:
        return think(text)

    with suppress(ValueError):
        answer(question)
    trace_id: str = mlflow.get_last_active_trace_id()
    return trace_id


def ids(client: mlflow.MlflowClient, text: str, **more: object) -> list[str]:
    experiment = client.get_experiment_by_name("rail").experiment_id
    found = client.search_traces(locations=[experiment], filter_string=text, include_spans=False, **more)
    return [trace.info.trace_id for trace in found]


def test_client_finds_its_traces(client: mlflow.MlflowClient) -> None:
    good, bad = ask("hello"), ask("bad")
    assert ids(client, "") == [bad, good]
    assert ids(client, "trace.status = 'OK'") == [good]
    assert ids(client, "trace.status = 'ERROR' AND trace.name = 'ask'") == [bad]
    assert set(ids(client, "span.type = 'LLM' AND span.attributes.model = 'tiny'")) == {good, bad}
    assert ids(client, "span.name = 'think' AND span.type = 'CHAIN'") == []
    assert ids(client, "", order_by=["timestamp_ms ASC"]) == [good, bad]
    assert len(ids(client, "", max_results=1)) == 1
    found = client.search_traces(
        locations=[client.get_experiment_by_name("rail").experiment_id], filter_string="status = 'OK'"
    )
    assert [span.name for span in found[0].data.spans] == ["ask", "think"]
    assert found[0].data.spans[0].outputs == "HELLO"
    assert found[0].info.request_preview == '{"text": "hello"}'
    frame = mlflow.search_traces(return_type="pandas")
    assert set(frame["trace_id"]) == {good, bad}
    assert set(frame["state"]) == {"OK", "ERROR"}


def test_client_tags_assesses_and_deletes_a_trace(client: mlflow.MlflowClient) -> None:
    from mlflow.entities import AssessmentSource

    trace_id, other = ask("hello"), ask("you")
    client.set_trace_tag(trace_id, "team", "a")
    assert ids(client, "tag.team = 'a'") == [trace_id]
    client.delete_trace_tag(trace_id, "team")
    assert ids(client, "tag.team IS NOT NULL") == []
    human = AssessmentSource(source_type="HUMAN", source_id="ada")
    first = mlflow.log_feedback(trace_id=trace_id, name="right", value=True, source=human, rationale="it is")
    mlflow.log_expectation(trace_id=trace_id, name="words", value={"first": ["HELLO"]}, source=human)
    mlflow.log_feedback(trace_id=other, name="score", value=0.75)
    mlflow.log_feedback(trace_id=other, name="failed", error=ValueError("no judge"))
    assert ids(client, "feedback.right = 'true'") == [trace_id]
    assert ids(client, "feedback.score > 0.5") == [other]
    second = mlflow.override_feedback(
        trace_id=trace_id, assessment_id=first.assessment_id, value=False, rationale="it is not", source=human
    )
    assert ids(client, "feedback.right = 'true'") == []
    assert mlflow.get_assessment(trace_id, first.assessment_id).valid is False
    changed = mlflow.update_assessment(
        trace_id, second.assessment_id, mlflow.entities.Feedback(name="right", value="maybe", source=human)
    )
    assert changed.value == "maybe"
    mlflow.delete_assessment(trace_id, second.assessment_id)
    assert mlflow.get_assessment(trace_id, first.assessment_id).valid is True
    seen = {each.name: each for each in mlflow.get_trace(trace_id).info.assessments}
    assert (seen["right"].value, seen["right"].rationale, seen["right"].source.source_id) == (True, "it is", "ada")
    assert seen["words"].value == {"first": ["HELLO"]}
    failed = next(each for each in mlflow.get_trace(other).info.assessments if each.name == "failed")
    assert failed.error.error_message == "no judge"
    experiment = client.get_experiment_by_name("rail").experiment_id
    assert client.delete_traces(experiment, trace_ids=[trace_id]) == 1
    assert ids(client, "") == [other]
    assert client.delete_traces(experiment, max_timestamp_millis=2**41) == 1


def test_client_links_traces_with_runs(client: mlflow.MlflowClient) -> None:
    loose = ask("before")
    with mlflow.start_run() as run:
        inside = ask("inside")
    assert ids(client, f"run_id = '{run.info.run_id}'") == [inside]
    client.link_traces_to_run([loose], run.info.run_id)
    assert set(ids(client, f"attributes.run_id = '{run.info.run_id}'")) == {inside, loose}


def test_client_reads_many_traces_page_by_page(client: mlflow.MlflowClient) -> None:
    made = [ask(str(number)) for number in range(12)]
    experiment = client.get_experiment_by_name("rail").experiment_id
    seen: list[str] = []
    token = None
    while True:
        page = client.search_traces(locations=[experiment], max_results=5, page_token=token, include_spans=False)
        seen += [trace.info.trace_id for trace in page]
        token = page.token
        if not token:
            break
    assert seen == made[::-1]
