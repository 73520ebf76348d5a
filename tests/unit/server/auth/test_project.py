from __future__ import annotations

from datetime import UTC, datetime

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, RunId
from millwright.core.records.experiment import ExperimentRecord
from millwright.core.records.run import RunRecord, RunStatus
from millwright.server.auth.project import Projects
from millwright.server.mlflow.failure import WireError
from millwright.server.mlflow.permission import Resource, ResourceKind
from millwright.testing.evaluations import evaluation_dataset

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def stores(empty_workspace):
    return empty_workspace.stores


def experiment(stores, project: str, **more) -> str:
    record = ExperimentRecord(id=ExperimentId(""), name=f"of {project}", created_at=NOW, project=project, **more)
    return stores.experiments.create(record).id


def run(stores, experiment_id: str, **more) -> str:
    record = RunRecord(
        id=RunId(f"{experiment_id:0>32}"), experiment_id=experiment_id, name="r", status=RunStatus.RUNNING,
        started_at=NOW, **more,
    )  # fmt: skip
    stores.runs.create_run(record)
    return record.id


def of(stores, kind: ResourceKind, name: str) -> set[str]:
    return set(Projects(stores).of(Resource(kind, name)))


def test_run_belongs_to_the_project_of_its_experiment(stores):
    made = run(stores, experiment(stores, "churn"))
    assert of(stores, ResourceKind.RUN, made) == {"churn"}


def test_run_whose_files_lie_with_another_project_needs_both(stores):
    churn = experiment(stores, "churn")
    made = run(stores, experiment(stores, "mine", artifact_location=f"mlflow-artifacts:/{churn}/x"))
    assert of(stores, ResourceKind.RUN, made) == {"mine", "churn"}


def test_place_that_is_not_ours_adds_no_project(stores):
    made = run(stores, experiment(stores, "mine", artifact_location="s3://bucket/x"))
    assert of(stores, ResourceKind.RUN, made) == {"mine"}


def test_file_belongs_to_the_experiment_that_its_path_begins_with(stores):
    churn = experiment(stores, "churn")
    assert of(stores, ResourceKind.FILE, f"{churn}/a/b") == {"churn"}
    assert of(stores, ResourceKind.FILE, f"/{churn}/") == {"churn"}
    assert of(stores, ResourceKind.FILE, "folder/a") == {"default"}
    for later in ("4711/a", "f" * 32, ""):
        assert of(stores, ResourceKind.FILE, later) == {"*"}


@pytest.mark.parametrize("path", ["a/../b", "a/./b", "a//b", "..", "../a"])
def test_path_that_leads_elsewhere_is_refused(stores, path):
    with pytest.raises(WireError):
        of(stores, ResourceKind.FILE, path)


NAMED = (ResourceKind.EXPERIMENT, ResourceKind.EXPERIMENT_NAME, ResourceKind.RUN, ResourceKind.LOGGED_MODEL)


@pytest.mark.parametrize("kind", [*NAMED, ResourceKind.MODEL, ResourceKind.EVALUATION_DATASET])
def test_what_is_not_there_is_told(stores, kind):
    with pytest.raises(NotFoundError):
        of(stores, kind, "nothing")


def test_evaluation_dataset_belongs_to_the_projects_of_all_its_experiments(stores):
    churn, mine = ExperimentId(experiment(stores, "churn")), ExperimentId(experiment(stores, "mine"))
    for name, uses, expected in (
        ("d-1", (churn, mine), {"churn", "mine"}),
        ("d-2", (churn, ExperimentId("4711")), {"*"}),  # nobody knows whose that one was, or will be
        ("d-3", (), {"other"}),
    ):
        record = evaluation_dataset(id=name, experiment_ids=uses, project="other")
        stores.evaluations.create_dataset(record)
        assert of(stores, ResourceKind.EVALUATION_DATASET, name) == expected
