from __future__ import annotations

import re
import subprocess
import time

import pytest

from tiny import forking

FLOW = """
import logging
import millwright as mw

@mw.step
def load(n: int) -> list[int]:
    print("loading", n)
    return list(range(n))

@mw.step
def score(x: int) -> int:
    print("scoring", x)
    return x

@mw.step
def silent(n: int) -> int:
    return n

@mw.step(cache=False)
def secretive(ctx: mw.StepContext, n: int) -> int:
    token = ctx.secret("TOKEN")
    print("token is", token)
    logging.getLogger(__name__).warning("sent %s", token)
    ctx.note(url=f"https://{token}@host")
    if n > 3:
        raise ValueError(f"{token} was refused")
    return n

@mw.pipeline
def demo(n: int = 2) -> None:
    score.map(load(n))
    silent(n)
    secretive(n)
"""

SLOW = """
import pathlib, time
import millwright as mw

@mw.step(cache=False)
def slow(ctx: mw.StepContext) -> int:
    print("begun", flush=True)
    while not (ctx.project_dir / "go").exists():
        time.sleep(0.05)
    print("gone on")
    return 1

@mw.pipeline
def demo() -> None:
    slow()
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("TOKEN", "hunter2-token")
    (tmp_path / "flow.py").write_text(FLOW, encoding="utf-8")
    return tmp_path


def last_run(mw, project) -> str:
    return mw(project, "runs", "list", "--json").json[0]["id"]


def test_logs_show_what_each_step_printed(project, mw):
    assert mw(project, "run", "flow.py").code == 0
    answer = mw(project, "runs", "logs", last_run(mw, project)[-8:])
    text = re.sub(r"\d{4}-.*Z ", "", answer.out)
    for part in (
        "── load (completed) ──\nloading 2\n",
        "── score[0] (completed) ──\nscoring 0\n",
        "── score[1] (completed) ──\nscoring 1\n",
        "── secretive (completed) ──\ntoken is ***\nWARNING flow: sent ***\n",
    ):
        assert part in text
    assert "silent" not in text
    assert "Next: mw runs show" in text


def test_logs_of_one_step_are_its_text_alone(project, mw):
    mw(project, "run", "flow.py")
    run = last_run(mw, project)
    assert mw(project, "runs", "logs", run, "--step", "load").out.startswith("loading 2\n")
    assert mw(project, "runs", "logs", run, "--step", "score[1]").out.startswith("scoring 1\n")
    assert mw(project, "runs", "logs", run, "--step", "score").out.count("scoring") == 2
    assert mw(project, "runs", "logs", run, "--step", "silent").out.startswith(
        "Nothing was printed or logged by step 'silent'."
    )


def test_logs_of_a_cached_step_are_those_of_the_run_that_executed_it(project, mw):
    mw(project, "run", "flow.py")
    first = last_run(mw, project)
    mw(project, "run", "flow.py")
    answer = mw(project, "runs", "logs", last_run(mw, project))
    assert f"── load (cached from run {first[-8:]}) ──\nloading 2\n" in answer.out


def test_logs_of_a_mapped_step_that_was_cached_as_a_whole_are_those_of_its_items(project, mw):
    mw(project, "run", "flow.py")
    first = last_run(mw, project)
    flow = (project / "flow.py").read_text(encoding="utf-8")
    (project / "flow.py").write_text(
        flow.replace("score.map(", 'score.with_options(name="rate").map('), encoding="utf-8"
    )
    mw(project, "run", "flow.py")
    answer = mw(project, "runs", "logs")
    for item in (0, 1):
        assert f"── rate[{item}] (cached from run {first[-8:]}) ──\nscoring {item}\n" in answer.out
    assert mw(project, "runs", "logs", "--step", "rate[1]").out.startswith("scoring 1\n")
    shown = mw(project, "runs", "logs", "--step", "rate", "--json").json["logs"]
    assert [log["text"] for log in shown] == ["", "scoring 0\n", "scoring 1\n"]


def test_secret_is_in_no_record_log_or_event_of_a_step_that_fails(project, mw):
    failed = mw(project, "run", "flow.py", "--n", "5")
    assert failed.code == 1
    run = last_run(mw, project)
    seen = [failed.out, failed.err]
    for words in (("runs", "show", run), ("runs", "logs", run), ("runs", "show", run, "--json"), ("audit", "list")):
        answer = mw(project, *words)
        seen += [answer.out, answer.err]
    assert not [text for text in seen if "hunter2" in text]
    assert "*** was refused" in failed.err
    assert "ValueError: *** was refused" in mw(project, "runs", "logs", run, "--step", "secretive").out
    kept = [path for path in (project / ".millwright").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"hunter2" in path.read_bytes()]


def test_logs_are_given_as_json(project, mw):
    mw(project, "run", "flow.py")
    shown = mw(project, "runs", "logs", last_run(mw, project), "--step", "load", "--json").json
    assert shown["logs"] == [{"step": "load", "status": "completed", "text": "loading 2\n"}]


def test_running_step_is_followed_until_the_run_has_ended(tmp_path, mw):
    (tmp_path / "flow.py").write_text(SLOW, encoding="utf-8")
    command = ["-m", "millwright"]
    runner = forking.start([*command, "run", "flow.py"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=None)
    try:
        while not (runs := mw(tmp_path, "runs", "list", "--json").json):
            time.sleep(0.1)
        follow = forking.start(["-u", *command, "runs", "logs", runs[0]["id"], "--follow"], cwd=tmp_path, stderr=None)
        assert follow.stdout is not None
        assert follow.stdout.readline() == "── slow (running) ──\n"
        assert follow.stdout.readline() == "begun\n"
        (tmp_path / "go").touch()
        assert follow.communicate(timeout=60)[0].splitlines() == ["gone on", "The run is completed."]
    finally:
        (tmp_path / "go").touch()
        runner.wait(60)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("12345678",), "12345678"),
        (("RUN", "--step", "laod"), "Did you mean 'load'?"),
        (("RUN", "--follow", "--json"), "--follow goes on"),
    ],
)
def test_logs_refuse_a_wrong_call_with_one_line(project, mw, words, message):
    mw(project, "run", "flow.py")
    run = last_run(mw, project)
    answer = mw(project, "runs", "logs", *(run if word == "RUN" else word for word in words))
    assert answer.code == 1
    assert message in answer.err + answer.out


def test_log_that_is_gone_is_told(project, mw):
    mw(project, "run", "flow.py")
    run = last_run(mw, project)
    digest = next(s["log"] for s in mw(project, "runs", "show", run, "--json").json["steps"] if s["step"] == "load")
    (found,) = (project / ".millwright" / "artifacts").rglob(f"*{digest.rpartition(':')[2][-20:]}*")
    found.unlink()
    answer = mw(project, "runs", "logs", run)
    assert answer.code == 0
    assert "! load: its log is not in the artifact store any more." in answer.out
