from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from millwright.automation.queue import RunQueue
from millwright.version import __version__
from millwright.workspace.workspace import Workspace
from tiny import forking

SLOW = """import time
import millwright as mw

@mw.step
def begin() -> int:
    return 1

@mw.step
def wait(value: int) -> int:
    print("waiting", flush=True)
    time.sleep(60)
    return value

@mw.pipeline
def slow() -> None:
    wait(begin())
"""


def test_version_is_printed(tmp_path, mw):
    answer = mw(tmp_path, "--version")
    assert (answer.code, answer.out) == (0, f"millwright {__version__}\n")


def test_nothing_asked_for_shows_help_and_fails(tmp_path, mw):
    answer = mw(tmp_path)
    assert answer.code == 2
    assert "Usage: mw" in answer.out


def test_group_without_a_command_shows_its_help(tmp_path, mw):
    answer = mw(tmp_path, "models")
    assert answer.code == 2
    assert "Usage: mw models" in answer.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("modls",), "No such command 'modls'. Did you mean 'models'? See: mw --help"),
        (("models", "list", "--jsn"), "No such option: --jsn"),
        (("models", "show"), "Missing argument 'model'. See: mw models show --help"),
        (("models", "promote", "x"), "Missing option '--reason'"),
        (("serve", "x", "--port", "many"), "Invalid value for '--port'"),
        (("serve", "x", "--port", "70000"), "65535"),
        (("fit", "x.csv", "--target", "y", "--trials", "0"), "Invalid value for '--trials'"),
    ],
)
def test_wrong_call_is_one_line_and_code_2(tmp_path, mw, words, message):
    answer = mw(tmp_path, *words)
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("Error: ")
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_wrong_call_is_a_document_with_json(tmp_path, mw):
    answer = mw(tmp_path, "models", "show", "--json")
    assert (answer.code, answer.err) == (2, "")
    assert answer.json["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[serve]\nprot = 1\n", "Unknown setting 'serve.prot'"),
        ("[serve]\nport = 'x'\n", "Setting 'serve.port'"),
        ("[serve\n", "not valid TOML"),
    ],
)
def test_wrong_setting_is_one_line_that_names_it(tmp_path, mw, toml, message):
    (tmp_path / "millwright.toml").write_text(toml, encoding="utf-8")
    answer = mw(tmp_path, "models", "list")
    assert answer.code == 1
    assert message in answer.err
    assert "millwright.toml" in answer.err
    assert answer.err.count("\n") == 1


def test_unknown_setting_names_the_nearest(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text("[serve]\nprot = 1\n", encoding="utf-8")
    assert "Did you mean 'serve.port'?" in mw(tmp_path, "doctor").err
    shown = mw(tmp_path, "models", "list", "--json")
    assert shown.json["error"]["code"] == "configuration"


def test_unknown_variable_is_refused(tmp_path, mw, monkeypatch):
    monkeypatch.setenv("MILLWRIGHT_SERVE__PROT", "1")
    assert "Did you mean 'MILLWRIGHT_SERVE__PORT'?" in mw(tmp_path, "models", "list").err


def test_workspace_is_the_one_that_is_named(trained_once, tmp_path, mw):
    listed = mw(tmp_path, "--workspace", str(trained_once), "models", "list", "--json").json
    assert [entry["version"]["name"] for entry in listed] == ["late-visit"]
    assert "MILLWRIGHT_HOME" not in os.environ


def test_workspace_that_is_not_there_is_refused(tmp_path, mw):
    answer = mw(tmp_path, "--workspace", "gone", "models", "list")
    assert answer.code == 1
    assert "gone does not exist" in answer.err


def test_workspace_is_found_from_a_folder_inside(trained, mw):
    inner = trained / "a" / "b"
    inner.mkdir(parents=True)
    assert mw(inner, "models", "list", "--json").json != []


def test_profile_is_taken_from_the_project_file(tmp_path, mw):
    (tmp_path / "millwright.toml").write_text('[profile.team]\nactor = "team"\n', encoding="utf-8")
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert mw(tmp_path, "--profile", "team", "data", "add", "t.csv").code == 0
    assert mw(tmp_path, "audit", "list", "--json").json[0]["actor"] == "team"
    assert "There is no profile 'tam'" in mw(tmp_path, "--profile", "tam", "data", "list").err


def test_text_that_the_output_cannot_hold_is_no_error_and_json_is_utf8(trained_once):
    command = [sys.executable, "-m", "millwright", "audit", "verify"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    shown = subprocess.run(command, cwd=trained_once, env=environment, capture_output=True, check=True)
    assert shown.stdout.startswith(b"? The audit log is whole")
    error = [*command[:3], "models", "show", "größe", "--json"]
    told = subprocess.run(error, cwd=trained_once, env=environment, capture_output=True, check=False)
    assert "'größe'" in json.loads(told.stdout)["error"]["message"]


def test_debug_shows_the_traceback_of_an_error(tmp_path):
    # As a process: what Python prints of an error that is not caught.
    command = ["-m", "millwright", "models", "show", "nobody"]
    plain = forking.run(command, cwd=tmp_path)
    assert plain.returncode == 1
    assert plain.stderr.count("\n") == 1
    assert "nobody" in plain.stderr
    debug = forking.run([*command, "--debug"], cwd=tmp_path)
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr
    assert "NotFoundError" in debug.stderr


def test_debug_raises_what_was_caught(tmp_path, mw, monkeypatch):
    from millwright.core.errors import NotFoundError

    with pytest.raises(NotFoundError):
        mw(tmp_path, "models", "show", "nobody", "--debug")
    monkeypatch.setenv("MILLWRIGHT_DEBUG", "1")
    with pytest.raises(NotFoundError):
        mw(tmp_path, "models", "show", "nobody")


def test_what_nobody_foresaw_is_one_line_without_debug(trained_once, mw, monkeypatch):
    monkeypatch.setattr("millwright.cli.models._main_metric", lambda version: version / 0)
    answer = mw(trained_once, "models", "list")
    assert answer.code == 1
    assert answer.err.startswith("Error: Unexpected TypeError: unsupported operand")
    assert answer.err.endswith("Run it again with --debug to see where.\n")
    assert answer.err.count("\n") == 1
    assert mw(trained_once, "models", "list", "--json").json["error"]["code"] == "internal"
    with pytest.raises(TypeError):
        mw(trained_once, "models", "list", "--debug")


def test_store_that_is_no_database_is_one_line(trained, mw):
    for file in (trained / ".millwright").glob("millwright.db*"):
        file.write_bytes(b"this is no database" * 100)
    answer = mw(trained, "models", "list")
    assert answer.code == 1
    assert answer.err.count("\n") == 1
    assert "millwright.db" in answer.err


def test_stopped_command_says_that_finished_work_is_kept(tmp_path, mw):
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    with forking.start(["-u", "-m", "millwright", "run", "slow.py", "--show-output"], cwd=tmp_path) as process:
        while "waiting" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err == "Interrupted. What was finished is kept; the same command goes on from there.\n"
    assert "Traceback" not in out
    (run,) = mw(tmp_path, "runs", "list", "--json").json
    assert run["status"] == "cancelled"


def test_run_that_a_colleague_cancels_says_who_did(tmp_path, mw):
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    with forking.start(["-u", "-m", "millwright", "run", "slow.py", "--show-output"], cwd=tmp_path) as process:
        while "waiting" not in process.stdout.readline():
            assert process.poll() is None
        (run,) = mw(tmp_path, "runs", "list", "--json").json
        with Workspace.open(tmp_path) as workspace:
            RunQueue(stores=workspace.stores, clock=workspace.clock, actor="bob").cancel(run["id"])
        _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "The run was cancelled by bob.\nInterrupted. What was finished is kept" in err


def test_reader_that_leaves_early_is_no_error(trained_once):
    command = f"{sys.executable} -m millwright models show late-visit | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=trained_once, capture_output=True, text=True, check=False)
    assert "late-visit@1" in done.stdout
    assert done.stderr == ""


def test_interrupted_command_says_that_what_was_finished_is_kept(tmp_path, mw, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("millwright.workspace.workspace.Workspace.close_interrupted", interrupted)
    answer = mw(tmp_path, "runs", "list")
    assert answer.code == 130
    assert answer.err == "Interrupted. What was finished is kept; the same command goes on from there.\n"
