"""Every page, over records in which someone has written markup wherever people and their files can write."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from millwright.core.ids import AlertId, DecisionId, PipelineRunId, StepRunId, new_id
from millwright.server.pages import page_handlers

EVIL = "<script>alert(1)</script>\"' onload='x' javascript:alert(2) <img src=x onerror=y>"
TAGS = frozenset(
    re.findall(
        r"\w+",
        "html head meta title link body div a img nav header p h1 h2 span main section ol ul li dl dt dd "
        "table caption thead tbody tr th td strong code time pre footer form label input button svg rect",
    )
)


class Found(HTMLParser):
    """The tags, attributes and links of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in {"href", "src", "action"}}


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
    stores.monitors.append_alert(replace(alert, id=AlertId(new_id()), endpoint=EVIL, kind=EVIL, message=EVIL))
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
        app = build_app(stores=workspace.stores, registry=workspace.registry, monitor=workspace.monitor)
        with TestClient(app, base_url="http://127.0.0.1") as client:
            yield client, run_id


def test_markup_in_records_stays_text_on_every_page(hostile, control):
    client, run_id = hostile
    evil, report = quote(EVIL, safe=""), control.json("/api/v1/reports")["items"][0]["id"]
    pages = ["/", "/datasets", "/datasets/visits", "/datasets/visits/2", "/runs", f"/runs/{run_id}", "/models"]
    pages += ["/models/late-visit", "/models/late-visit/1", "/monitoring", f"/endpoints/{evil}", f"/reports/{report}"]
    pages += ["/decisions", "/audit", f"/predictions/{control.prediction}", f"/models/{evil}", f"/{evil}"]
    told = 0
    for page in pages:
        answer = client.get(page, headers={"accept": "text/html"})
        assert answer.status_code in {200, 404}, (page, answer.text)
        found = Found()
        found.feed(answer.text)
        assert found.tags <= TAGS, page
        assert not any(name.startswith("on") or name == "style" for name in found.attributes), page
        assert all(link.startswith("/") and not link.startswith("//") for link in found.links), page
        told += "&lt;script&gt;alert(1)" in answer.text
    assert told >= 12


def test_link_on_a_page_leads_somewhere(control):
    seen, waiting = set(), ["/"]
    while waiting:
        path = waiting.pop()
        seen.add(path)
        answer = control.get(path, accept="text/html")
        assert answer.status_code == 200, path
        if answer.headers["content-type"].startswith("text/html") and "/documents/" not in path:
            found = Found()
            found.feed(answer.text)
            waiting += sorted(link for link in found.links - seen - set(waiting) - {"/predictions"} if link)
    assert len(seen) >= len(page_handlers())


def test_page_handlers_are_told_apart_by_their_paths():
    paths = [path for handler in page_handlers() for path in handler.paths]
    assert len(paths) == len(set(paths)) == len(page_handlers())
