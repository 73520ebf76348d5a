"""Every page, over records in which someone has written markup wherever people and their files can write."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from millwright.core.ids import AlertId, DecisionId, ExperimentId, PipelineRunId, StepRunId, new_id
from millwright.core.records.run import MetricPoint
from millwright.core.records.run_input import DatasetInput, ModelInput
from millwright.monitoring.alerting import SilenceDraft
from millwright.registry.source_draft import SourceDraft
from millwright.server.pages import page_handlers
from millwright.server.service import services_of
from millwright.testing import sample

EVIL = "<script>alert(1)</script>\"' onload='x' javascript:alert(2) <img src=x onerror=y>"
TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title link body div a img nav header p h1 h2 span main section ol ul li dl dt dd "
        "table caption thead tbody tr th td strong code time pre footer form label input button svg rect "
        "select option details summary mark figure figcaption noscript",
    )
)


class Found(HTMLParser):
    """The tags, attributes and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.sent: set[str] = set()
        self.scripts: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs).get("src"))
        else:
            self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        found = {value or "" for name, value in attrs if name in {"href", "src", "action"}}
        if dict(attrs).get("method") == "post":
            self.sent |= found
        else:
            self.links |= found


def make_hostile(workspace):
    stores, now = workspace.stores, workspace.clock.now()
    run = stores.pipelines.list_pipeline_runs()[0]
    step = stores.pipelines.list_step_runs(run.id)[0]
    run_id = PipelineRunId(new_id())
    stores.pipelines.create_pipeline_run(
        replace(run, id=run_id, pipeline=EVIL, trigger=EVIL, error=EVIL, params={EVIL: EVIL})
    )
    stores.pipelines.put_step_run(
        replace(
            step,
            id=StepRunId(new_id()),
            pipeline_run_id=run_id,
            step=EVIL,
            error=None,
            summary={EVIL: EVIL, "n": {EVIL: 3}},
        )
    )
    data = stores.datasets.get_version("visits", 1)
    column = replace(data.columns[0], name=EVIL, dtype=EVIL)
    details = {"of": EVIL, "reasons": {EVIL: 1}, EVIL: EVIL}
    stores.datasets.create_version(replace(data, source_uri=EVIL, columns=(column,), details=details))
    stores.endpoints.put(replace(stores.endpoints.list()[0], name=EVIL, selector=EVIL, url=EVIL, settings={EVIL: EVIL}))
    alert = stores.monitors.list_alerts()[0]
    evil = replace(alert, id=AlertId("evil"), endpoint=EVIL, kind=EVIL, message=EVIL, subject=EVIL)
    stores.monitors.append_alert(replace(evil, evidence={EVIL: {EVIL: EVIL}}, acknowledged_by=EVIL))
    workspace.silences.add(SilenceDraft(lasts=timedelta(hours=1), reason=EVIL))
    decision = stores.monitors.list_decisions()[0]
    stores.monitors.append_decision(
        replace(decision, id=DecisionId(new_id()), challenger=EVIL, champion=f"{EVIL}@1", reasons=(EVIL,))
    )
    workspace.registry.approve("late-visit", 1, reason=EVIL)
    workspace.registry.promote("late-visit", 1, "challenger", reason=EVIL)
    stores.models.put_documents("late-visit", 1, {EVIL: data.digest})
    stores.audit.append(at=now, actor=EVIL, action="model.x", subject=f"{EVIL}@1", details={"reason": EVIL})
    return run_id


@pytest.fixture
def hostile(watched_once, tmp_path):
    import shutil

    from litestar.testing import TestClient

    from millwright.server.app import build_app
    from millwright.workspace.workspace import Workspace

    shutil.copytree(watched_once, tmp_path / "project")
    with Workspace.open(tmp_path / "project") as workspace:
        run_id = make_hostile(workspace)
        app = build_app(services_of(workspace))
        with TestClient(app, base_url="http://127.0.0.1") as client:
            yield client, run_id


def test_markup_in_records_stays_text_on_every_page(hostile, control):
    client, run_id = hostile
    evil, report = quote(EVIL, safe=""), control.json("/api/v1/reports")["items"][0]["id"]
    pages = ["/", "/datasets", "/datasets/visits", "/datasets/visits/2", "/runs", f"/runs/{run_id}", "/models"]
    pages += ["/models/late-visit", "/models/late-visit/1", "/monitoring", f"/endpoints/{evil}", f"/reports/{report}"]
    pages += ["/alerts/evil", "/silences"]
    pages += ["/decisions", "/audit", f"/predictions/{control.prediction}", f"/models/{evil}", f"/{evil}"]
    told = 0
    for page in pages:
        answer = client.get(page, headers={"accept": "text/html"})
        assert answer.status_code in {200, 404}, (page, answer.text)
        found = Found()
        found.feed(answer.text)
        assert found.tags <= TAGS, page
        assert not any(name.startswith("on") or name == "style" for name in found.attributes), page
        assert all(link.startswith("/") and not link.startswith("//") for link in found.links | found.sent), page
        told += "&lt;script&gt;alert(1)" in answer.text
    assert told >= 12


def test_link_on_a_page_leads_somewhere(control):
    seen, waiting, sent = set(), ["/"], set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = control.get(path, accept="text/html")
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html") and "/documents/" not in path:
            found = Found()
            found.feed(answer.text)
            waiting += sorted(link for link in found.links - seen - set(waiting) - {"/predictions"} if link)
            sent |= found.sent
    assert len(seen) >= len([handler for handler in page_handlers() if "GET" in handler.http_methods])
    assert sent <= {path for handler in page_handlers() if "POST" in handler.http_methods for path in handler.paths}


def make_hostile_runs(lab):
    """Markup in everything that a client of tracking can write."""
    stores = lab.workspace.stores
    experiment = stores.experiments.create(
        replace(sample.experiment(EVIL), id=ExperimentId(""), tags={EVIL: EVIL, "mlflow.note.content": EVIL})
    )
    ids = []
    for _ in range(2):
        tags = {EVIL: EVIL, "mlflow.source.name": EVIL, "mlflow.note.content": EVIL, "mlflow.source.git.commit": EVIL}
        params = {EVIL: EVIL, "n": "1"}
        run = sample.run(experiment.id, name=EVIL, user=EVIL, params=params, tags=tags, parent_id=lab.parent)
        stores.runs.create_run(run)
        points = [MetricPoint(key=key, value=1.0, step=n, at=sample.moment(n)) for n in (0, 1) for key in (EVIL, "m")]
        stores.runs.append_metrics(run.id, points)
        ids.append(run.id)
    model = stores.logged_models.get(lab.model)
    place = f"mlflow-artifacts:/{experiment.id}/models/m-x/artifacts"
    evil = replace(model, id="m-x", experiment_id=experiment.id, name=EVIL, artifact_location=place)
    evil = replace(evil, status_message=EVIL, model_type=EVIL, params={EVIL: EVIL}, tags={EVIL: EVIL})
    stores.logged_models.create(replace(evil, source_run_id=ids[0]))
    stores.runs.add_inputs(
        ids[0],
        [DatasetInput(name=EVIL, digest=EVIL, source_type=EVIL, source=EVIL, tags={"mlflow.data.context": EVIL})],
        [ModelInput(model_id=EVIL)],
    )
    for name in (EVIL, f"{EVIL}.csv", f"{EVIL}.svg", f"{EVIL}.html"):
        lab.put_file(name, f"{EVIL},<svg onload=x>".encode(), root=f"{experiment.id}/{ids[0]}/artifacts")
        lab.put_file(name, EVIL.encode(), root=f"{experiment.id}/models/m-x/artifacts")
    editor = lab.workspace.registry.editor
    editor.create_model("evil", description=EVIL, tags={"t": EVIL})
    draft = SourceDraft(name="evil", source=f"s3://x/{quote(EVIL)}", run_id=ids[0], run_link=EVIL, description=EVIL)
    editor.add_version(replace(draft, tags={"t": EVIL}))
    return experiment.id, ids


def test_markup_that_clients_of_tracking_write_stays_text_on_every_page(lab):
    experiment, (first, second) = make_hostile_runs(lab)
    evil, shown = quote(EVIL, safe=""), f"/experiments/{experiment}"
    pages = ["/experiments", f"/experiments?name={evil}&filter={evil}", shown, f"{shown}?filter={evil}"]
    pages += [f"{shown}?column=params.{evil}&column=tags.{evil}&order=params.%60{evil}%60%20DESC&view=all"]
    pages += [f"/tracked/{first}", f"/tracked/{lab.parent}", f"/compare?runs={first},{second}&x=params.{evil}"]
    pages += [
        "/logged-models/m-x",
        "/models",
        "/models/evil",
        "/models/evil/1",
        f"/tracked/{evil}",
        f"/compare?runs={evil}",
    ]
    for base in (f"/tracked/{first}/artifacts", "/logged-models/m-x/artifacts"):
        pages += [base, *(f"{base}?path={evil}{end}" for end in ("", ".csv", ".svg", ".html", "x"))]
    told = 0
    for page in pages:
        answer = lab.get(page, accept="text/html")
        assert answer.status_code in {200, 404}, (page, answer.text)
        found = Found()
        found.feed(answer.text)
        assert found.tags <= TAGS, page
        assert not any(name.startswith("on") or name == "style" for name in found.attributes), page
        assert all(link.startswith("/") and not link.startswith("//") for link in found.links | found.sent), page
        assert all(script and script.startswith("/assets/") for script in found.scripts), page
        told += "&lt;script&gt;alert(1)" in answer.text
    assert told >= 20


def test_page_handlers_are_told_apart_by_their_paths():
    paths = [path for handler in page_handlers() for path in handler.paths]
    assert len(paths) == len(set(paths)) == len(page_handlers())
