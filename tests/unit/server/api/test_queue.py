"""Queued runs over HTTP, asked for by a real server's clients."""

from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.automation.schedules import ScheduleDraft, Schedules
from millwright.automation.triggers import Triggers
from millwright.automation.triggers.triggers import TriggerDraft
from millwright.core.records.pipeline import PipelineRunStatus
from millwright.core.records.queue import RequestState
from millwright.core.records.schedule import LaunchTarget
from millwright.pipelines import on
from tiny.queue_world import TARGET, actions, begin_run


@pytest.fixture
def registered(empty):
    """A workspace in which a schedule names the pipeline `delay`."""
    workspace = empty.workspace
    draft = ScheduleDraft(target=TARGET, cron="@daily")
    Schedules(stores=workspace.stores, clock=workspace.clock, actor="ada").add(draft)
    return empty


def post(control, path: str, body: object = None, **headers: str):
    return control.client.post(path, json=body if body is not None else {}, headers=headers)


def test_registered_pipeline_is_run(registered):
    answer = post(registered, "/api/v1/pipelines/delay/runs", {"params": {"source": "x"}})
    assert answer.status_code == 202, answer.text
    run = answer.json()["id"]
    request = registered.workspace.stores.queue.get(run)
    assert request.params == {"trials": 3, "source": "x"}
    assert request.trigger == f"api:{registered.workspace.actor}"
    told = registered.json(f"/api/v1/queue/{run[-8:]}")
    assert (told["state"], told["pipeline"], told["params"]) == ("queued", "delay", {"trials": 3, "source": "x"})
    assert [each["id"] for each in registered.json("/api/v1/queue?state=queued&pipeline=delay")["items"]] == [run]
    assert registered.json("/api/v1/queue?state=done")["items"] == []


def test_parameters_that_the_pipeline_does_not_take_are_refused_where_its_code_is_at_hand(empty, tmp_path):
    file = tmp_path / "pipeline.py"
    step = "import millwright as mw\n\n@mw.step\ndef work(number: int) -> int:\n    return number\n\n"
    file.write_text(f"{step}@mw.pipeline\ndef worked(number: int = 1):\n    work(number)\n", encoding="utf-8")
    workspace = empty.workspace
    target = LaunchTarget(name="worked", pipeline=f"{file}:worked", project_dir=str(tmp_path))
    draft = ScheduleDraft(target=target, cron="@daily")
    Schedules(stores=workspace.stores, clock=workspace.clock, actor="ada").add(draft)
    path = "/api/v1/pipelines/worked/runs"
    for params, said in [
        ({"nmber": 2}, "There is no parameter 'nmber'. Did you mean 'number'?"),
        ({"number": "two"}, "Parameter 'number': expected a whole number, found 'two'."),
    ]:
        answer = post(empty, path, {"params": params})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_input"), answer.text
        assert said in answer.json()["error"]["message"]
        assert str(tmp_path) not in answer.text
    assert empty.json("/api/v1/queue")["items"] == []
    assert post(empty, path, {"params": {"number": 2}}).status_code == 202
    file.write_text("import nowhere\n", encoding="utf-8")
    assert post(empty, path, {"params": {"nmber": 2}}).status_code == 202  # nobody can tell here


def test_paths_of_this_machine_are_not_told(registered):
    run = post(registered, "/api/v1/pipelines/delay/runs").json()["id"]
    assert "/project/pipeline.py" not in registered.get(f"/api/v1/queue/{run}").text


def test_call_that_is_repeated_starts_one_run(registered):
    path, key = "/api/v1/pipelines/delay/runs", {"Idempotency-Key": "one"}
    first, second = (post(registered, path, **key).json()["id"] for _ in range(2))
    assert first == second
    assert post(registered, path).json()["id"] != first


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/api/v1/pipelines/dlay/runs", {}, 404, "not_found"),
        ("/api/v1/pipelines/delay/runs", {"parms": {}}, 422, "invalid_input"),
        ("/api/v1/pipelines/delay/runs", {"params": []}, 422, "invalid_input"),
        ("/api/v1/pipelines/delay/runs", {"params": {str(n): n for n in range(201)}}, 422, "invalid_input"),
        ("/api/v1/hooks/mwh_wrong", {}, 404, "not_found"),
        ("/api/v1/runs/00000000/cancel", {}, 404, "not_found"),
        ("/api/v1/runs/00000000/resume", {}, 404, "not_found"),
    ],
)
def test_what_cannot_be_is_refused_in_the_one_shape(registered, path, body, status, code):
    answer = post(registered, path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_unknown_state_is_told_with_the_nearest(registered):
    answer = registered.get("/api/v1/queue?state=qeued")
    assert answer.status_code == 422
    assert "queued" in answer.json()["error"]["hint"]


def test_webhook_starts_its_pipeline_whatever_is_sent(empty):
    workspace = empty.workspace
    triggers = Triggers(stores=workspace.stores, clock=workspace.clock, actor="ada")
    token = triggers.add(TriggerDraft(target=TARGET, on=on.webhook("push"))).token
    answer = empty.client.post(f"/api/v1/hooks/{token}", content=b"\xff{", headers={"content-type": "text/plain"})
    assert answer.status_code == 202, answer.text
    assert workspace.stores.queue.get(answer.json()["id"]).trigger == "webhook:push"
    assert empty.client.post(f"/api/v1/hooks/{token}").status_code == 202
    triggers.pause("delay.webhook-push")
    assert empty.client.post(f"/api/v1/hooks/{token}").status_code == 409


def test_runs_are_cancelled_in_the_queue_and_outside(registered, clock):
    stores = registered.workspace.stores
    waiting = post(registered, "/api/v1/pipelines/delay/runs").json()["id"]
    running = begin_run(stores, clock).id
    answers = [post(registered, f"/api/v1/runs/{run}/cancel").json() for run in (waiting, running)]
    assert answers == [{"id": waiting, "state": "cancelled"}, {"id": running, "state": "running"}]
    assert stores.queue.get(waiting).state is RequestState.CANCELLED
    assert stores.pipelines.cancel_requested(running) == registered.workspace.actor
    assert post(registered, f"/api/v1/runs/{waiting}/cancel").status_code == 409
    assert actions(stores).count("run.cancel") == 2


def test_failed_run_is_gone_on_with(registered, clock):
    stores = registered.workspace.stores
    run = begin_run(stores, clock, params={"trials": 9})
    path = f"/api/v1/runs/{run.id}/resume"
    assert post(registered, path).status_code == 409
    stores.pipelines.update_pipeline_run(replace(run, status=PipelineRunStatus.FAILED, ended_at=clock.now()))
    answer = post(registered, path)
    assert answer.status_code == 202, answer.text
    told = registered.json(f"/api/v1/queue/{answer.json()['id']}")
    assert (told["state"], told["resumes"], told["params"]) == ("queued", run.id, {"trials": 9})


@pytest.fixture
def clock(empty):
    return empty.workspace.clock
