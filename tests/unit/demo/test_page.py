from __future__ import annotations

import re

import pytest

from millwright.demo.page import write_page
from millwright.demo.scenario import Findings
from millwright.demo.stage import Stage
from millwright.workspace.workspace import Workspace

pytestmark = pytest.mark.slow  # the loop is run, once for all tests of the demonstration


@pytest.fixture(scope="module")
def page(demonstrated) -> str:
    return demonstrated.result.page.read_text(encoding="utf-8")


def test_page_tells_every_stage(demonstrated, page):
    for stage in demonstrated.result.stages:
        assert f">{stage.name}<" in page


def test_page_shows_the_decision_and_its_reasons(demonstrated, page):
    decision = demonstrated.result.findings.decision
    assert ">promoted<" in page
    for text in (decision.challenger, decision.champion, *decision.reasons):
        assert text.replace("'", "&#x27;") in page or text.replace("'", "&#39;") in page


def test_page_has_the_evaluation_of_both_versions_under_their_names(page):
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", page)
    for version in (1, 2):
        assert any(heading.startswith(f"schedule-delay@{version}: ") for heading in headings)


def test_page_says_what_to_ask_next(demonstrated, page):
    for command in (f"mw why {demonstrated.result.findings.prediction_id}", "mw reproduce schedule-delay@1"):
        assert command in page


def test_page_holds_everything_in_it(page):
    assert not re.search(r"<(script|img|iframe)[^>]* src=", page)
    assert "<link" not in page


def test_page_of_a_loop_without_alert_says_so(demonstrated_copy):
    with Workspace.open(demonstrated_copy) as workspace:
        path = write_page(workspace, Findings(), [Stage("monitor", "0 of 9 <columns> drifted", 0.25)])
    page = path.read_text(encoding="utf-8")
    assert "no alert" in page
    assert "0 of 9 &lt;columns&gt; drifted" in page
    assert "<h2>Decision" not in page
