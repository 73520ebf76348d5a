from __future__ import annotations

import re

import pytest

from millwright.cli.run import parse_parameters
from millwright.core.errors import InvalidInputError

SLEEPY = """
import millwright as mw

@mw.step
def double(value: int) -> int:
    return 2 * value

@mw.step
def fail(value: int) -> int:
    raise ValueError("no [way]")

@mw.pipeline
def good(value: int = 4) -> None:
    double(value)

@mw.pipeline
def bad() -> None:
    fail(1)
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "flow.py").write_text(SLEEPY, encoding="utf-8")
    return "flow.py"


def test_run_prints_a_line_per_step_that_fits_a_terminal(trained, mw):
    answer = mw(trained, "run", "pipeline.py", "--no-cache")
    assert answer.code == 0
    lines = answer.out.splitlines()
    steps = [line for line in lines if line.startswith("✓")]
    assert [line.split()[1] for line in steps] == [
        "ingest", "validate", "split", "tune", "evaluate", "package", "check_gates", "register", "deploy",
    ]  # fmt: skip
    assert max(len(line) for line in lines) <= 100
    assert re.search(r"✓ ingest +[\d.]+ s  dataset visits@1 · rows 300 · columns 4", answer.out)
    assert "leaderboard: " in answer.out
    assert re.search(
        r"Completed late-visit in [\d.]+ s: 9 steps executed, 0 cached. Run [0-9a-f]{8}.\n"
        r"Next: mw runs show [0-9a-f]{8}\n      mw models show late-visit@1\n$",
        answer.out,
    )


def test_run_again_takes_what_is_cached_and_says_that_nothing_was_trained(trained, mw):
    answer = mw(trained, "run", "pipeline.py")
    assert re.search(r"= tune +cached  candidate ", answer.out)
    assert re.search(r"✓ register +[\d.]+ s  version late-visit@1 · state approved · new no", answer.out)
    assert "No training step was executed" in answer.out
    # Only what changes may be said of a step that did nothing: one line.
    assert "leaderboard" not in answer.out


def test_run_until_stops_after_the_step(trained, mw):
    shown = mw(trained, "run", "pipeline.py", "--until", "split", "--force", "split", "--json").json
    assert [(step["step"], step["status"]) for step in shown["steps"]] == [
        ("ingest", "cached"), ("validate", "cached"), ("split", "completed"),
    ]  # fmt: skip
    assert shown["run"]["status"] == "completed"


def test_run_explain_says_what_would_be_executed_and_executes_nothing(trained, mw):
    before = mw(trained, "runs", "list", "--json").json
    answer = mw(trained, "run", "pipeline.py", "--explain", "--trials", "3")
    rows = {line.split()[0]: line for line in answer.out.splitlines() if line.startswith(" ") and line.strip()}
    assert re.search(r"split +cached +same code and input", rows["split"])
    assert re.search(r"tune +will run +no result with this code and input", rows["tune"])
    assert re.search(r"evaluate +depends +depends on what tune will give", rows["evaluate"])
    assert re.search(r"deploy +will run +it is never cached", rows["deploy"])
    assert "Next: mw run pipeline.py --trials 3" in answer.out
    assert mw(trained, "runs", "list", "--json").json == before


def test_run_explain_gives_forecasts_as_json(trained_once, mw):
    steps = mw(trained_once, "run", "pipeline.py", "--explain", "--force", "tune", "--json").json["steps"]
    tune = next(step for step in steps if step["step"] == "tune")
    assert (tune["cached"], tune["reason"]) == (False, "asked for")


def test_run_takes_the_named_pipeline_of_a_file(tmp_path, file, mw):
    answer = mw(tmp_path, "run", f"{file}:good", "--value=21")
    assert answer.code == 0
    assert "Completed good" in answer.out


def test_run_names_the_pipelines_when_a_file_has_several(tmp_path, file, mw):
    answer = mw(tmp_path, "run", file)
    assert answer.code == 1
    assert "good" in answer.err
    assert "bad" in answer.err


def test_run_says_where_a_step_failed_and_shows_no_traceback(tmp_path, file, mw):
    answer = mw(tmp_path, "run", f"{file}:bad")
    assert answer.code == 1
    assert answer.out.startswith("✗ fail")
    assert answer.err == (
        "Error: Step 'fail' failed: ValueError: no [way] (flow.py:10). "
        "Correct it and run again: the steps before it are kept.\n"
    )


def test_run_gives_the_failure_as_json(tmp_path, file, mw):
    answer = mw(tmp_path, "run", f"{file}:bad", "--json")
    assert answer.code == 1
    assert answer.err == ""
    assert answer.json["error"]["code"] == "step_failed"
    assert answer.json["error"]["details"]["step"] == "fail"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gone.py",), "gone.py"),
        (("flow.py:goood",), "Did you mean 'good'?"),
        (("flow.py:good", "--valeu", "3"), "The pipeline has no parameter 'valeu'. Did you mean 'value'?"),
        (("flow.py:good", "--value", "x"), "'value'"),
        (("flow.py:good", "--until", "doubel"), "Did you mean 'double'?"),
        (("flow.py:good", "--force", "doubel"), "Did you mean 'double'?"),
        (("flow.py:good", "--value"), "Option --value has no value."),
        (("flow.py:good", "stray"), "Unexpected argument 'stray'."),
    ],
)
def test_run_refuses_a_wrong_call_with_one_line(tmp_path, file, mw, words, message):
    answer = mw(tmp_path, "run", *words)
    assert answer.code == 1
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.startswith("Error: ")
    assert answer.err.count("\n") == 1


def test_run_names_the_missing_file_and_the_closest(trained, mw):
    answer = mw(trained, "run", "pipeline.py", "--source", "vists.csv")
    assert answer.code == 1
    assert "'vists.csv'" in answer.err
    assert "Did you mean 'visits.csv'?" in answer.err


def test_run_help_shows_the_parameters_of_the_pipeline(tmp_path, file, mw):
    answer = mw(tmp_path, "run", f"{file}:good", "--help")
    assert answer.code == 0
    assert "--explain" in answer.out
    assert "Parameters of good" in answer.out
    assert "--value" in answer.out


def test_run_without_a_file_shows_help_and_fails(tmp_path, mw):
    answer = mw(tmp_path, "run")
    assert answer.code == 2
    assert "Usage" in answer.out


def test_parameters_are_read_in_both_spellings():
    words = ["--source", "a b.csv", "--max-rows=3", "--empty="]
    known = ("source", "max_rows", "empty")
    assert parse_parameters(words, known=known) == {"source": "a b.csv", "max_rows": "3", "empty": ""}


def test_parameter_value_may_begin_with_a_single_dash():
    assert parse_parameters(["--shift", "-3"], known=("shift",)) == {"shift": "-3"}


def test_option_before_another_option_has_no_value():
    with pytest.raises(InvalidInputError, match="Option --a has no value"):
        parse_parameters(["--a", "--b", "3"], known=("a", "b"))


def test_pipeline_without_parameters_says_so():
    with pytest.raises(InvalidInputError) as caught:
        parse_parameters(["--a", "1"], known=())
    assert caught.value.hint == "It has no parameters."
