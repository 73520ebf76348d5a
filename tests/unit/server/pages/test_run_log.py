from __future__ import annotations

from pathlib import Path

import pytest

from millwright.pipelines.runner import RunOptions

FLOW = r"""
import millwright as mw

@mw.step
def loud(x: int) -> int:
    print("<b>loud</b>\x1b[2J", x)
    return x

@mw.step
def long() -> int:
    for number in range(9000):
        print("line", number)
    return 1

@mw.pipeline
def demo() -> None:
    loud.map([1, 2])
    long()

@mw.step
def silent() -> int:
    return 1

@mw.pipeline
def quiet() -> None:
    silent()
"""


@pytest.fixture
def run(empty):
    file = Path(empty.workspace.folder, "flow.py")
    file.write_text(FLOW)
    return lambda name="demo": empty.workspace.launcher.run(f"{file}:{name}", {}, RunOptions()).record.id


def html(control, path, status=200):
    answer = control.get(path, accept="text/html")
    assert answer.status_code == status, answer.text
    return answer.text


def test_logs_of_all_steps_are_shown_with_their_ends(empty, run):
    page = html(empty, f"/runs/{run()}/logs")
    assert "&lt;b&gt;loud&lt;/b&gt;\\u001b[2J 1" in page
    assert "loud[1]" in page
    assert "line 8999" in page
    assert "line 7\n" not in page
    assert "The end of" in page


def test_log_of_one_step_is_shown_whole(empty, run):
    page = html(empty, f"/runs/{run()}/logs?step=long")
    assert "Log of long" in page
    assert "line 7\n" in page
    assert "loud" not in page


def test_log_of_a_cached_step_is_that_of_its_execution(empty, run):
    first, second = run(), run()
    page = html(empty, f"/runs/{second}/logs?step=long")
    assert f"Taken from run …{first[-8:]}" in page
    assert "line 7\n" in page


def test_run_that_printed_nothing_says_so(empty, run):
    assert "Nothing was printed or logged." in html(empty, f"/runs/{run('quiet')}/logs")


def test_log_that_is_gone_is_told(empty, run):
    run_id = run()
    stores = empty.workspace.stores
    step = next(step for step in stores.pipelines.list_step_runs(run_id) if step.step == "long")
    stores.artifacts.delete(step.log)
    assert "not in the artifact store any more" in html(empty, f"/runs/{run_id}/logs?step=long")


def test_unknown_step_is_not_found(empty, run):
    assert "has no step" in html(empty, f"/runs/{run()}/logs?step=gone", status=404)
    html(empty, "/runs/0123456789/logs", status=404)
