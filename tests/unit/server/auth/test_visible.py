"""Tracking in two projects: whoever sees one of them sees nothing of the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.errors import NotFoundError
from millwright.core.ids import ExperimentId, TraceId
from millwright.core.records.logged_model import LoggedModelQuery, LoggedModelRecord
from millwright.core.records.run import MetricPoint
from millwright.core.records.search import Query
from millwright.core.records.trace import TraceRecord, TraceState
from millwright.server.auth.visible import VisibleExperiments, VisibleLoggedModels, VisibleMetrics, VisibleRuns
from millwright.testing import sample

PAGES = ("/experiments/{experiment}", "/tracked/{run}", "/tracked/{run}/artifacts", "/logged-models/{model}")
PATHS = (
    *PAGES,
    "/tracked/{run}/file?path=a.png",
    "/logged-models/{model}/artifacts",
    "/logged-models/{model}/file?path=a.png",
    "/experiments/{experiment}/traces",
    "/traces/{trace}",
    "/api/v1/experiments/{experiment}",
    "/api/v1/tracked/{run}",
    "/api/v1/tracked/{run}/history?key=loss",
    "/api/v1/tracked/{run}/artifacts",
)


@pytest.fixture(scope="module")
def tracked(team):
    """What each project has, by its name."""
    stores, found = team.workspace.stores, {}
    for project in ("default", "churn"):
        experiment = stores.experiments.create(
            replace(sample.experiment(f"of-{project}"), id=ExperimentId(""), project=project)
        )
        run = sample.run(experiment.id, name=f"run-of-{project}")
        stores.runs.create_run(run)
        stores.runs.append_metrics(run.id, [MetricPoint(key="loss", value=1.0, step=0, at=sample.NOON)])
        model = LoggedModelRecord(
            id=f"m-{project}",
            experiment_id=experiment.id,
            name="m",
            artifact_location=f"mlflow-artifacts:/{experiment.id}/models/m-{project}/artifacts",
            created_at=sample.NOON,
            updated_at=sample.NOON,
        )
        stores.logged_models.create(model)
        trace = TraceRecord(
            id=TraceId(f"tr-{project}"), experiment_id=experiment.id, state=TraceState.OK, requested_at=sample.NOON
        )
        stores.traces.put(trace)
        found[project] = {"experiment": experiment.id, "run": run.id, "model": model.id, "trace": trace.id}
    return found


@pytest.mark.parametrize("path", PATHS)
def test_thing_is_shown_to_viewers_of_its_project(team, tracked, path):
    own, other = (path.format(**tracked[project]) for project in ("default", "churn"))
    for who, status in (("root", 200), ("vera", 200), ("chad", 403), ("nix", 403)):
        answer = team.ask(who, "GET", own)
        assert answer.status_code == (404 if status == 200 and "a.png" in path else status), (who, answer.text)
    assert team.ask("vera", "GET", other).status_code == 403
    assert team.ask("", "GET", own).status_code == 401
    nowhere = path.format(experiment="999", run="nowhere", model="m-nowhere", trace="tr-nowhere")
    assert team.ask("vera", "GET", nowhere).status_code == 404
    assert team.ask("nix", "GET", nowhere).status_code == 403


def test_lists_hold_what_their_reader_may_see(team, tracked):
    own, other = tracked["default"], tracked["churn"]
    page = team.ask("vera", "GET", "/experiments", headers={"accept": "text/html"}).text
    assert "of-default" in page
    assert "of-churn" not in page
    listed = team.ask("chad", "GET", "/api/v1/experiments").json()["items"]
    assert [each["experiment"]["name"] for each in listed] == ["of-churn"]
    runs = team.ask("chad", "GET", "/api/v1/tracked").json()["items"]
    assert [run["id"] for run in runs] == [other["run"]]
    assert team.ask("chad", "GET", f"/api/v1/tracked?experiment={own['experiment']}").json()["items"] == []
    histories = f"/api/v1/histories?run={own['run']}&run={other['run']}&key=loss"
    assert [each["run_id"] for each in team.ask("chad", "GET", histories).json()["runs"]] == [other["run"]]


def test_run_of_another_project_is_not_compared(team, tracked):
    own, other = tracked["default"]["run"], tracked["churn"]["run"]
    assert team.ask("root", "GET", f"/compare?runs={own},{other}").status_code == 200
    assert team.ask("vera", "GET", f"/compare?runs={own}").status_code == 200
    assert team.ask("vera", "GET", f"/compare?runs={own},{other}").status_code == 404
    for path in ("/experiments", "/api/v1/experiments", "/compare", "/api/v1/tracked"):
        assert team.ask("nix", "GET", path).status_code == 403


def test_run_whose_files_are_another_projects_is_shown_to_viewers_of_both(team, tracked):
    stores = team.workspace.stores
    place = f"mlflow-artifacts:/{tracked['churn']['experiment']}/x/artifacts"
    run = sample.run(tracked["default"]["experiment"], artifact_uri=place)
    stores.runs.create_run(run)
    assert team.ask("vera", "GET", f"/tracked/{run.id}/artifacts").status_code == 403
    assert team.ask("root", "GET", f"/tracked/{run.id}/artifacts").status_code == 200


def test_what_is_of_another_project_does_not_exist_in_the_stores(team, tracked):
    stores, other = team.workspace.stores, tracked["churn"]
    experiments = VisibleExperiments(stores.experiments, ("default",))
    runs = VisibleRuns(stores.runs, experiments)
    metrics = VisibleMetrics(stores.metrics, runs)
    models = VisibleLoggedModels(stores.logged_models, experiments)
    for ask in (
        lambda: experiments.get(other["experiment"]),
        lambda: runs.get_run(other["run"]),
        lambda: runs.list_history(other["run"], "loss"),
        lambda: metrics.history(other["run"], "loss"),
        lambda: metrics.history_raw(other["run"], "loss"),
        lambda: metrics.summaries(other["run"]),
        lambda: models.get(other["model"]),
    ):
        with pytest.raises(NotFoundError):
            ask()
    assert experiments.find("of-churn") is None
    assert experiments.find("of-default") is not None
    assert "of-churn" not in [each.name for each in experiments.list()]
    assert "of-churn" not in [each.name for each in experiments.search(Query(limit=100), projects=["churn"]).items]
    assert experiments.figures([other["experiment"]]) == {}
    assert runs.search(Query(), experiment_ids=[other["experiment"]]).items == ()
    assert runs.list_runs(other["experiment"]) == []
    assert runs.list_links([other["run"]]) == {}
    assert metrics.sampled([other["run"]], "loss", points=10) == {}
    assert not any(metrics.of_models([other["model"]]).values())
    assert models.search(LoggedModelQuery(experiment_ids=(other["experiment"],))).items == ()
    assert not hasattr(experiments, "create")
    assert not hasattr(runs, "create_run")
