from __future__ import annotations

import re

PIPELINE = """
import millwright as mw


@mw.step
def work(number: int) -> int:
    if number < 0:
        raise ValueError("below zero")
    return number


@mw.pipeline
def worked(number: int = 1):
    work(number)
"""


def test_worker_drains_the_queue_and_says_what_it_did(tmp_path, mw):
    (tmp_path / "pipeline.py").write_text(PIPELINE, encoding="utf-8")
    for number in ("1", "-1"):
        mw(tmp_path, "run", "pipeline.py", "--queue", "--number", number)
    told = mw(tmp_path, "worker", "--drain", "--concurrency", "2").out
    time = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert len(re.findall(rf"▸ {time}  worked  run \w{{8}}  by user:", told)) == 2
    assert re.search(rf"■ {time}  worked  run \w{{8}}  \d+\.\d s  done\n", told)
    assert re.search(rf"■ {time}  worked  run \w{{8}}  \d+\.\d s  failed: ", told)
    assert "below zero" in told
    assert "2 runs taken from the queue.\nNothing else was due.\n" in told
    assert mw(tmp_path, "worker", "--once", "--json").json == {"taken": 0}


def test_drained_worker_says_what_it_did_beside_runs(served, mw):
    settings = served / "millwright.toml"
    settings.write_text(settings.read_text() + '\n[monitors.late]\nendpoint = "late-visit"\nevery = "1h"\n')
    told = mw(served, "worker", "--drain").out
    assert re.search(
        r"^0 runs taken from the queue\.\n120 predictions counted, 1 monitor checked, \d+ alerts? raised\.$",
        told,
        re.MULTILINE,
    )
    again = mw(served, "worker", "--drain")
    assert "No monitor was due (mw monitor list says when each was checked), and nothing waits." in again.out
    counts = mw(served, "worker", "--drain", "--json").json
    assert (counts["taken"], counts["checked"], counts["folded"]) == (0, 0, 0)


def test_worker_is_asked_for_one_end(tmp_path, mw):
    assert "found both" in mw(tmp_path, "worker", "--once", "--drain").err
