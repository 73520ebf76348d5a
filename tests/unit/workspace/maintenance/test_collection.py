from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from millwright.core.clock import ManualClock
from millwright.core.errors import ConflictError, NotFoundError
from millwright.core.ids import ExperimentId, PredictionId, RunId, new_id
from millwright.core.records.dataset import DatasetState
from millwright.core.records.experiment import ExperimentRecord, Lifecycle
from millwright.core.records.model import RegisteredModelRecord
from millwright.core.records.rollout import RolloutState
from millwright.core.records.run import RunRecord, RunStatus
from millwright.core.records.summary import SummarySpan
from millwright.monitoring.live import LiveMonitor
from millwright.testing import sample
from millwright.testing.deliveries import append, webhook
from millwright.testing.deliveries import ended as arrived
from millwright.testing.logged_models import logged_model
from millwright.testing.notifications import ended, notification
from millwright.testing.queue import request
from millwright.testing.rollouts import evidence, rollout
from millwright.testing.summaries import summary
from millwright.workspace.maintenance.collection import Retention, collect, find_garbage
from millwright.workspace.maintenance.exclusion import exclusively
from millwright.workspace.workspace import Workspace

NOW = datetime.now(tz=UTC)
LONG_AGO = NOW - timedelta(days=40)
RETENTION = Retention(deleted=timedelta(days=30), grace=timedelta(hours=24))
CLOCK = ManualClock(NOW)


@pytest.fixture
def stores(tmp_path):
    with Workspace.open(tmp_path) as workspace:
        yield workspace.stores


def put(stores, path, data):
    digest = stores.artifacts.put(data)
    stores.files.put(path, digest, len(data), NOW)
    return digest


def age(stores, tmp_path):
    """Every blob was put two days ago."""
    for blob in (tmp_path / ".millwright" / "artifacts").rglob("*"):
        if blob.is_file():
            os.utime(blob, (NOW.timestamp() - 2 * 86400,) * 2)


def run(stores, run_id, experiment="0", **fields):
    record = RunRecord(
        id=RunId(run_id),
        experiment_id=ExperimentId(experiment),
        name="x",
        status=RunStatus.FINISHED,
        started_at=LONG_AGO,
        **fields,
    )
    stores.runs.create_run(record)
    put(stores, f"{experiment}/{run_id}/artifacts/model.bin", run_id.encode())
    return record.id


def test_nothing_is_garbage_in_a_workspace_in_use(stores, tmp_path):
    run(stores, "a" * 32)
    age(stores, tmp_path)
    assert find_garbage(stores, RETENTION, now=NOW).is_nothing
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").is_nothing
    assert stores.audit.list() == []


def test_what_was_deleted_long_ago_goes_with_its_files_and_blobs(stores, tmp_path):
    old, new, kept = (run(stores, letter * 32) for letter in "abc")
    stores.runs.set_lifecycle(old, Lifecycle.DELETED, LONG_AGO)
    stores.runs.set_lifecycle(new, Lifecycle.DELETED, NOW)
    stores.logged_models.create(logged_model(id="m-1", artifact_location="mlflow-artifacts:/0/models/m-1/artifacts"))
    model = put(stores, "0/models/m-1/artifacts/x", b"model")
    stores.logged_models.set_lifecycle("m-1", Lifecycle.DELETED, LONG_AGO)
    age(stores, tmp_path)
    found = find_garbage(stores, RETENTION, now=NOW)
    assert (found.runs, found.logged_models, found.blobs) == ((old,), ("m-1",), 0)
    assert stores.artifacts.exists(model)  # finding removes nothing
    removed = collect(stores, RETENTION, clock=CLOCK, actor="ada")
    assert (removed.runs, removed.logged_models, removed.files, removed.blobs) == ((old,), ("m-1",), 2, 2)
    with pytest.raises(NotFoundError):
        stores.runs.get_run(old)
    assert [stores.runs.get_run(each).id for each in (new, kept)] == [new, kept]
    assert [record.path[2:34] for record in stores.files.walk()] == [new, kept]
    assert not stores.artifacts.exists(model)
    assert stores.audit.list()[0].details["blobs"] == 2
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").is_nothing


def test_experiment_goes_with_everything_in_it(stores, tmp_path):
    experiment = stores.experiments.create(ExperimentRecord(id=ExperimentId(""), name="old", created_at=LONG_AGO))
    run(stores, "a" * 32, experiment.id)
    stores.logged_models.create(logged_model(id="m-1", experiment_id=experiment.id))
    stores.experiments.set_lifecycle(experiment.id, Lifecycle.DELETED, LONG_AGO)
    age(stores, tmp_path)
    removed = collect(stores, RETENTION, clock=CLOCK, actor="ada")
    assert removed.experiments == (experiment.id,)
    assert removed.blobs == 1
    assert list(stores.files.walk()) == list(stores.artifacts.iter()) == []
    assert stores.logged_models.list_ids(experiment.id) == []


def test_blob_that_a_record_of_any_kind_names_stays(stores, tmp_path):
    named, nameless = stores.artifacts.put(b"named"), stores.artifacts.put(b"nameless")
    stores.audit.append(at=NOW, actor="ada", action="x", subject="y", details={"deep": [{"in": named}]})
    age(stores, tmp_path)
    fresh = stores.artifacts.put(b"about to be named")
    assert find_garbage(stores, RETENTION, now=NOW).size_bytes == len(b"nameless")
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").blobs == 1
    assert set(stores.artifacts.iter()) == {named, fresh}
    assert not stores.artifacts.exists(nameless)


def test_blob_that_was_put_again_stays(stores, tmp_path):
    digest = stores.artifacts.put(b"again")
    age(stores, tmp_path)
    stores.artifacts.put(b"again")
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").is_nothing
    assert stores.artifacts.exists(digest)


def test_files_at_a_foreign_or_shared_place_stay(stores, tmp_path):
    foreign = run(stores, "a" * 32, artifact_uri="s3://bucket/x")
    shared = run(stores, "b" * 32, artifact_uri="mlflow-artifacts:/shared")
    put(stores, "shared/x", b"shared")
    for each in (foreign, shared):
        stores.runs.set_lifecycle(each, Lifecycle.DELETED, LONG_AGO)
    age(stores, tmp_path)
    collect(stores, RETENTION, clock=CLOCK, actor="ada")
    assert stores.files.find("shared/x") is not None


def test_files_that_a_registered_version_names_stay_with_their_run(stores, tmp_path):
    named, other = run(stores, "a" * 32), run(stores, "b" * 32)
    stores.models.create_model(RegisteredModelRecord(name="delay", created_at=NOW))
    location = f"mlflow-artifacts:/0/{named}/artifacts"
    stores.models.create_version(
        sample.model_version("delay", package=None, source=f"runs:/{named}/x", location=location)
    )
    for each in (named, other):
        stores.runs.set_lifecycle(each, Lifecycle.DELETED, LONG_AGO)
    age(stores, tmp_path)
    assert find_garbage(stores, RETENTION, now=NOW).runs == (other,)
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").runs == (other,)
    assert [record.path[2:34] for record in stores.files.walk()] == [named]


def test_two_collections_never_run_at_once(stores):
    with exclusively(stores.leases, CLOCK), pytest.raises(ConflictError, match="under way"):
        collect(stores, RETENTION, clock=CLOCK, actor="ada")
    collect(stores, RETENTION, clock=CLOCK, actor="ada")


def test_blobs_of_a_manifest_stay_and_those_of_expired_versions_go(tmp_path):
    from millwright.data.files import add_folder, release_files

    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.txt").write_bytes(b"first")
    with Workspace.open(tmp_path) as workspace:
        stores, catalog = workspace.stores, workspace.datasets
        given = {"catalog": catalog, "stores": stores, "clock": CLOCK, "cache": tmp_path / "cache"}
        first = add_folder(tmp_path / "photos", "photos", **given).dataset.read()["digest"][0]
        (tmp_path / "photos" / "a.txt").write_bytes(b"second")
        second = add_folder(tmp_path / "photos", "photos", **given).dataset.read()["digest"][0]
        age(stores, tmp_path)
        collect(stores, RETENTION, clock=CLOCK, actor="tester")
        assert stores.artifacts.exists(first)
        assert stores.artifacts.exists(second)
        stores.datasets.set_state("photos", 1, DatasetState.EXPIRED)
        assert release_files("photos", catalog=catalog, stores=stores, before=NOW + timedelta(hours=1)) == 1
        age(stores, tmp_path)
        collect(stores, RETENTION, clock=CLOCK, actor="tester")
        assert not stores.artifacts.exists(first)
        assert stores.artifacts.exists(second)


def test_old_evidence_of_ended_rollouts_goes_and_rollouts_stay(stores):
    opened = rollout(endpoint="open")
    ended = rollout()
    for record in (opened, ended):
        stores.rollouts.create(record)
        stores.rollouts.put_evidence([evidence(record.id, updated_at=NOW - timedelta(days=100))])
    stores.rollouts.put_evidence([evidence(ended.id, process="later", updated_at=LONG_AGO)])
    stores.rollouts.update(replace(ended, state=RolloutState.ENDED))
    assert find_garbage(stores, RETENTION, now=NOW).evidence == 1
    assert not find_garbage(stores, RETENTION, now=NOW).is_nothing
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").evidence == 1
    assert [each.process for each in stores.rollouts.list_evidence(ended.id)] == ["later"]
    assert len(stores.rollouts.list_evidence(opened.id)) == 1
    assert stores.audit.list()[0].details["evidence"] == 1


def test_entries_that_left_the_queue_long_ago_go_and_others_stay(stores):
    for at in (LONG_AGO, NOW):
        entry = stores.queue.enqueue(request(created_at=at))
        stores.queue.cancel(entry.id, by="ada", at=at)
    waiting = stores.queue.enqueue(request(created_at=LONG_AGO))
    assert find_garbage(stores, RETENTION, now=NOW).queue_entries == 1
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").queue_entries == 1
    assert {entry.id for entry in stores.queue.list_requests()} == {entry.id, waiting.id}
    assert stores.audit.list()[0].details["queue_entries"] == 1
    assert find_garbage(stores, RETENTION, now=NOW).is_nothing


def test_old_summaries_of_the_prediction_log_go_by_whole_days(stores):
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    kept, gone = midnight - timedelta(days=35), midnight - timedelta(days=35, hours=1)
    old, day = midnight - timedelta(days=401), SummarySpan.DAY
    stores.summaries.put([summary(start=kept), summary(start=gone), summary(start=gone, span=day)])
    stores.summaries.put([summary(start=old, span=day)])
    assert find_garbage(stores, RETENTION, now=NOW).summaries == 2
    assert not find_garbage(stores, RETENTION, now=NOW).is_nothing
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").summaries == 2
    assert [each.start for each in stores.summaries.list_summaries("delay", SummarySpan.HOUR)] == [kept]
    assert [each.start for each in stores.summaries.list_summaries("delay", day)] == [gone]
    assert stores.audit.list()[0].details["summaries"] == 2


def test_notes_of_segments_go_when_no_summary_of_theirs_is_left(stores):
    ages = (500, 402, 399, 10)
    for days in ages:
        stores.predictions.append([aged_prediction(NOW - timedelta(days=days))])
    names = list(stores.predictions.segments("delay"))
    with LiveMonitor(stores, CLOCK) as live:
        live.step()
        assert find_garbage(stores, RETENTION, now=NOW).segments == 2
        assert collect(stores, RETENTION, clock=CLOCK, actor="ada").segments == 2
        assert stores.audit.list()[0].details["segments"] == 2
        assert find_garbage(stores, RETENTION, now=NOW).segments == 0
        before = stores.summaries.list_summaries("delay", SummarySpan.DAY)
        assert len(before) == 2
        assert list(live.backfill("delay")) == []  # what is closed is not counted again, though it is in the log
        assert stores.summaries.unfolded("delay", names) == []
        assert live.status("delay").pending == 0
        assert stores.summaries.list_summaries("delay", SummarySpan.DAY) == before
        live.forget("delay")
        assert sum(result.segments for result in live.backfill("delay")) == len(ages)


def aged_prediction(at):
    return sample.prediction(id=PredictionId(new_id(int(at.timestamp() * 1000))), at=at)


def test_notifications_that_have_ended_long_ago_go(stores):
    long_ago = NOW - timedelta(days=100)
    stores.notifications.gather(notification(channels=("mail",), created_at=long_ago, due_at=long_ago))
    stores.notifications.seal_due(long_ago)
    (delivery,) = stores.notifications.list_due(long_ago)
    stores.notifications.put_attempt(replace(ended(delivery), ended_at=long_ago))
    assert find_garbage(stores, RETENTION, now=NOW).notifications == 1
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").notifications == 1
    assert stores.notifications.list_deliveries() == []


def test_events_go_when_their_deliveries_have_ended_long_ago(stores):
    long_ago = NOW - timedelta(days=100)
    append(stores.deliveries, at=long_ago, stream="nobody")  # which no webhook wanted
    stores.deliveries.create_webhook(webhook())
    for stream, at in (("gone", long_ago), ("waits", long_ago), ("new", NOW)):
        append(stores.deliveries, at=at, stream=stream)
    for delivery in stores.deliveries.list_due(NOW):
        if delivery.stream != "waits":
            stores.deliveries.put_attempt(replace(arrived(delivery), ended_at=delivery.created_at))
    assert find_garbage(stores, RETENTION, now=NOW).events == 2
    assert collect(stores, RETENTION, clock=CLOCK, actor="ada").events == 2
    assert stores.audit.list()[0].details["events"] == 2
    assert {event.stream for event in stores.deliveries.list_events()} == {"waits", "new"}
    assert {delivery.stream for delivery in stores.deliveries.list_deliveries()} == {"waits", "new"}
