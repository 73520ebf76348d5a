from __future__ import annotations

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.ids import RunId
from millwright.core.records.experiment import Lifecycle
from millwright.core.records.logged_model import LoggedModelStatus

FIRST, SECOND = "a" * 32, "b" * 32  # the second one is deleted
MODEL = "m-" + "1" * 32


@pytest.fixture
def logged(origin):
    uri = f"mlflow-artifacts:/1/models/{MODEL}/artifacts"
    origin.execute(
        "INSERT INTO logged_models VALUES (?, 1, 'net', ?, 1700000000000, 1700000000001, 2, 'active', '', ?, NULL)",
        *(MODEL, uri, FIRST),
    )
    origin.execute("INSERT INTO logged_model_params VALUES (?, 1, 'depth', '3')", MODEL)
    origin.execute("INSERT INTO logged_model_tags VALUES (?, 1, 'team', 'b')", MODEL)
    origin.execute("INSERT INTO inputs VALUES ('o', 'RUN_OUTPUT', ?, 'MODEL_OUTPUT', ?, 4)", FIRST, MODEL)
    file = origin.artifacts / "1" / "models" / MODEL / "artifacts" / "MLmodel"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"flavors: {}")
    return uri


@pytest.mark.usefixtures("logged")
def test_logged_model_comes_with_its_files_and_its_run_once(carry, stores):
    assert carry().carried["logged_models"] == 1
    again = carry()
    assert (again.ok, again.seen["logged_models"], again.carried["logged_models"]) == (True, 1, 0)
    model = stores.logged_models.get(MODEL)
    assert (model.name, model.status, model.params, model.tags) == (
        "net",
        LoggedModelStatus.READY,
        {"depth": "3"},
        {"team": "b"},
    )
    path = model.artifact_location.removeprefix("mlflow-artifacts:/")
    assert stores.files.find(f"{path}/MLmodel").digest == digest_bytes(b"flavors: {}")
    (output,) = stores.runs.list_links([RunId(FIRST)])[RunId(FIRST)].outputs
    assert (output.model_id, output.step) == (MODEL, 4)


@pytest.mark.usefixtures("logged")
@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE logged_models SET status = 9", "could not be carried"),
        ("UPDATE logged_models SET model_id = '../../x'", "could not be carried"),
    ],
)
def test_damaged_logged_model_is_told(carry, origin, stores, statement, told):
    origin.execute(statement)
    report = carry()
    assert any(told in text for text in report.differences)
    assert stores.runs.get_run(RunId(FIRST))


@pytest.mark.usefixtures("logged")
def test_files_outside_the_folder_are_left_out(carry, origin, stores):
    origin.execute("UPDATE logged_models SET artifact_location = 'file:///etc'")
    report = carry()
    assert any(text.startswith("Artifacts of logged model") for text in report.left_out)
    assert stores.logged_models.get(MODEL).name == "net"


@pytest.mark.usefixtures("logged")
def test_files_that_could_not_be_read_come_with_the_next_import(carry, origin, stores):
    file = origin.artifacts / "1" / "models" / MODEL / "artifacts" / "MLmodel"
    carry(artifacts=False)
    path = stores.logged_models.get(MODEL).artifact_location.removeprefix("mlflow-artifacts:/")
    assert stores.files.find(f"{path}/{file.name}") is None
    report = carry()
    assert (report.ok, report.carried["logged_models"]) == (True, 1)
    assert stores.files.find(f"{path}/{file.name}").size_bytes == file.stat().st_size


def measure(origin, run_id: str, value: float, step: int, *, is_nan: int = 0, dataset: str | None = None) -> None:
    """As MLflow's store keeps it: with the run, and with the model, where NaN is 0."""
    digest = "abc" if dataset else None
    origin.execute("INSERT INTO metrics VALUES ('auc', ?, 5, ?, ?, ?)", value, run_id, step, is_nan)
    origin.execute(
        "INSERT INTO logged_model_metrics VALUES (?, 'auc', 5, ?, ?, 1, ?, NULL, ?, ?)",
        *(MODEL, step, value, run_id, dataset, digest),
    )


@pytest.mark.usefixtures("logged")
def test_what_runs_measured_on_a_model_comes_with_it(carry, origin, stores):
    measure(origin, FIRST, 0.5, 1, dataset="holdout")
    measure(origin, FIRST, 0.0, 2, is_nan=1)
    measure(origin, FIRST, 0.0, 3)
    measure(origin, SECOND, 1.7976931348623157e308, 4)
    assert (first := carry()).ok, first.differences
    again = carry()
    assert (again.differences, again.carried["logged_models"], again.present) == ([], 0, 3)
    points = [(run_id, point) for run_id, point in stores.metrics.of_models([MODEL])[MODEL]]
    assert [(run_id, repr(point.value), point.step) for run_id, point in points] == [
        (FIRST, "0.5", 1), (FIRST, "nan", 2), (FIRST, "0.0", 3), (SECOND, "inf", 4),
    ]  # fmt: skip
    assert (points[0][1].dataset_name, points[0][1].dataset_digest) == ("holdout", "abc")
    assert len(stores.runs.list_history(RunId(FIRST), "auc")) == 3
    assert stores.runs.get_run(RunId(SECOND)).lifecycle is Lifecycle.DELETED


@pytest.mark.usefixtures("logged")
def test_model_that_changed_since_is_carried_again(carry, origin, stores):
    origin.execute("UPDATE logged_models SET status = 1")
    assert carry().ok
    measure(origin, FIRST, 0.5, 1)
    origin.execute("UPDATE logged_models SET status = 2")
    origin.execute("INSERT INTO logged_model_params VALUES (?, 1, 'width', '7')", MODEL)
    origin.execute("UPDATE logged_model_tags SET tag_value = 'c'")
    file = origin.artifacts / "1" / "models" / MODEL / "artifacts" / "MLmodel"
    file.write_bytes(b"flavors: []")  # as long as before
    report = carry()
    assert (report.differences, report.carried["logged_models"]) == ([], 1)
    model = stores.logged_models.get(MODEL)
    assert model.status is LoggedModelStatus.READY
    assert (model.params, model.tags) == ({"depth": "3", "width": "7"}, {"team": "c"})
    path = model.artifact_location.removeprefix("mlflow-artifacts:/")
    assert stores.files.find(f"{path}/MLmodel").digest == digest_bytes(b"flavors: []")
    origin.execute("UPDATE logged_models SET lifecycle_stage = 'deleted'")
    assert carry().ok
    assert stores.logged_models.get(MODEL, deleted=True).lifecycle is Lifecycle.DELETED
    assert carry().carried["logged_models"] == 0


@pytest.mark.usefixtures("logged")
def test_parameter_that_is_another_one_here_is_told(carry, origin):
    assert carry().ok
    origin.execute("UPDATE logged_model_params SET param_value = '9'")
    (told,) = carry().differences
    assert "could not be carried" in told
