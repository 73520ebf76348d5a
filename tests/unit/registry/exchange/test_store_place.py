from __future__ import annotations

import contextlib
import math

from millwright.core.digest import digest_bytes
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.model import ModelStage
from millwright.governance.omission import find_omissions

FIRST, SECOND, GONE = "a" * 32, "b" * 32, "c" * 32


def test_everything_is_there_as_it_was(carry, stores):
    report = carry()
    assert report.differences == []
    assert report.carried == {
        "experiments": 2,
        "runs": 3,
        "points": 304,
        "files": 2,
        "bytes": 11,
        "logged_models": 0,
        "models": 1,
        "versions": 2,
    }
    experiment = stores.experiments.find("größe")
    assert experiment.tags == {"team": "🏗️"}
    run = stores.runs.get_run(RunId(FIRST))
    assert (run.name, run.user, run.status, run.params) == ("first", "ada", "finished", {"lr": "0.1"})
    assert run.experiment_id == experiment.id
    values = [point.value for point in stores.runs.list_history(RunId(FIRST), "odd")]
    assert sum(map(math.isnan, values)) == 1
    assert {value for value in values if not math.isnan(value)} == {math.inf, -math.inf, 5e-324}
    (dataset,) = stores.runs.list_links([RunId(FIRST)])[RunId(FIRST)].datasets
    assert (dataset.name, dataset.tags) == ("sites", {"mlflow.data.context": "training"})
    assert stores.runs.get_run(RunId(SECOND)).lifecycle is Lifecycle.DELETED
    assert stores.runs.get_run(RunId(GONE)).lifecycle is Lifecycle.DELETED
    assert stores.experiments.find("gone").lifecycle is Lifecycle.DELETED
    file = stores.files.find(f"{experiment.id}/{FIRST}/artifacts/model/MLmodel")
    assert file.digest == digest_bytes(b"flavors: {}")


def test_models_keep_their_numbers_stages_aliases_and_find_their_files(carry, stores):
    carry()
    experiment = stores.experiments.find("größe").id
    newest, oldest = stores.models.list_versions("delay")
    assert (oldest.version, oldest.stage) == (1, ModelStage.PRODUCTION)
    assert (newest.version, newest.tags, newest.run_id) == (3, {"k": "v"}, FIRST)
    assert newest.source == f"mlflow-artifacts:/{experiment}/{FIRST}/artifacts/model"
    assert stores.models.find_alias("delay", "champion").version == 3
    assert find_omissions(stores) == []


def test_second_time_nothing_is_carried(carry, stores):
    carry()
    report = carry()
    assert report.ok
    assert (report.present, report.verified) == (3, 3)
    assert not any(report.carried.values())
    assert len(stores.runs.list_history(RunId(FIRST), "loss")) == 300
    assert stores.experiments.find("gone").lifecycle is Lifecycle.DELETED


def test_run_that_went_on_at_its_origin_is_completed(carry, origin, stores):
    carry()
    origin.execute("INSERT INTO metrics VALUES ('loss', 9.5, 1700000009999, ?, 999, 0)", FIRST)
    origin.add_file(FIRST, "late.txt", b"late")
    report = carry()
    assert report.ok
    assert report.carried["runs"] == 1
    assert stores.runs.list_history(RunId(FIRST), "loss")[-1].step == 999


def test_run_that_was_interrupted_is_not_there_and_is_carried_next_time(carry, stores, monkeypatch):
    class Stopped(BaseException):
        pass

    real, calls = stores.runs.append_metrics, []

    def stopping(*arguments: object) -> None:
        calls.append(1)
        real(*arguments)
        raise Stopped

    monkeypatch.setattr(stores.runs, "append_metrics", stopping)
    with contextlib.suppress(Stopped):
        carry()
    assert calls
    assert stores.runs.list_runs() == []
    monkeypatch.undo()
    assert carry().ok
    assert len(stores.runs.list_history(RunId(FIRST), "loss")) == 300


def test_default_experiment_is_the_one_that_is_here(carry, origin, stores):
    origin.add_run("d" * 32, "in default", experiment=0)
    assert carry().ok
    assert stores.runs.get_run(RunId("d" * 32)).experiment_id == ExperimentId("0")
