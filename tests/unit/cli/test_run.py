from __future__ import annotations

import re

import pytest

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
    assert re.search(r"tune +will run +parameter .trials.", rows["tune"])
    assert re.search(r"evaluate +depends +depends on what tune will give", rows["evaluate"])
    assert re.search(r"deploy +will run +it is never cached", rows["deploy"])
    assert "Next: mw run pipeline.py --trials 3" in answer.out
    strict = mw(trained, "run", "pipeline.py", "--explain", "--strict")
    assert "Next: mw run pipeline.py --strict\n" in strict.out
    assert mw(trained, "runs", "list", "--json").json == before


def test_run_explain_gives_forecasts_as_json(trained_once, mw):
    steps = mw(trained_once, "run", "pipeline.py", "--explain", "--force", "tune", "--json").json["steps"]
    tune = next(step for step in steps if step["step"] == "tune")
    assert (tune["cached"], tune["reason"]) == (False, "asked for")


PARTED = """
import millwright as mw

@mw.step
def check(n: int) -> bool:
    return n > 0

@mw.step
def ship(n: int) -> int:
    return n

@mw.step
def keep(n: int) -> int:
    return -n

@mw.pipeline
def parted(n: int = 1) -> None:
    good = check(n)
    with mw.when(good):
        ship(n)
    with mw.when(good, equals=False):
        keep(n)
"""


def test_run_explain_counts_what_is_known_to_be_skipped(tmp_path, mw):
    (tmp_path / "parted.py").write_text(PARTED, encoding="utf-8")
    before = mw(tmp_path, "run", "parted.py", "--explain")
    assert "1 of 3 steps would be executed, 2 more may be; nothing was." in before.out
    mw(tmp_path, "run", "parted.py")
    after = mw(tmp_path, "run", "parted.py", "--explain")
    assert re.search(r"keep +skipped +the condition does not hold: check is False", after.out)
    assert "0 of 3 steps would be executed, 1 would be skipped; nothing was." in after.out
    shown = mw(tmp_path, "run", "parted.py", "--explain", "--json").json
    assert shown["counts"] == {"cached": 2, "will_run": 0, "depends": 0, "skipped": 1}
    assert [step["skipped"] for step in shown["steps"]] == [False, False, True]


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
    run = mw(tmp_path, "runs", "list", "--json").json[0]["id"]
    assert answer.err == (
        "Error: Step 'fail' failed: ValueError: no [way] (flow.py:10). "
        f"Correct it and run again: the steps before it are kept. See: mw runs logs {run[-8:]}\n"
    )


def test_run_gives_the_failure_as_json(tmp_path, file, mw):
    answer = mw(tmp_path, "run", f"{file}:bad", "--json")
    assert answer.code == 1
    assert answer.err == ""
    assert answer.json["error"]["code"] == "step_failed"
    assert answer.json["error"]["details"]["step"] == "fail"
    assert answer.json["error"]["details"]["run"] == mw(tmp_path, "runs", "list", "--json").json[0]["id"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("gone.py",), "gone.py"),
        (("flow.py:goood",), "Did you mean 'good'?"),
        (("flow.py:good", "--valeu", "3"), "The pipeline has no parameter 'valeu'. Did you mean '--value'?"),
        (("flow.py:good", "--no-cash"), "The pipeline has no parameter 'no_cash'. Did you mean '--no-cache'?"),
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


LOUD = """
import logging
from enum import Enum
import millwright as mw

class Size(Enum):
    SMALL = "small"
    BIG = "big"

@mw.step
def shout(ctx: mw.StepContext, words: list[str], twice: bool, size: Size) -> str:
    print("words", words)
    logging.getLogger(__name__).info("twice %s", twice)
    ctx.log_metric("loudness", 11.0)
    return f"{words} {twice} {size.value}"

@mw.pipeline
def loud(words: list[str] = ["a"], twice: bool = True, size: Size = Size.SMALL, force: str = "x") -> None:
    \"\"\"Shout.

    Args:
        words: What is shouted.
    \"\"\"
    shout(words, twice, size)

@mw.step
def odd(x: int) -> int:
    if x == 13:
        raise ValueError("unlucky")
    return x

@mw.pipeline
def many(n: int = 4) -> None:
    odd.map(list(range(n)))
"""


@pytest.fixture
def loud(tmp_path):
    (tmp_path / "loud.py").write_text(LOUD, encoding="utf-8")
    return "loud.py"


def test_run_help_lists_types_defaults_and_choices(tmp_path, loud, mw, monkeypatch):
    monkeypatch.setenv("COLUMNS", "110")
    answer = mw(tmp_path, "run", f"{loud}:loud", "--help")
    lines = [line.strip("│ ") for line in answer.out.partition("Parameters of loud")[2].splitlines()]
    assert lines[1].split()[:4] == ["--words", "<str>", "What", "is"]
    assert lines[2].split() == ["--twice/--no-twice", "[default:", "twice]"]
    assert lines[3].split() == ["--size", "[small|big]", "[default:", "small]"]
    assert lines[4].split() == ["--force", "<str>", "(written", "after", "--)", "[default:", "x]"]
    assert max(map(len, answer.out.splitlines())) <= 110


def test_run_help_of_a_wrong_file_is_an_error(tmp_path, mw):
    answer = mw(tmp_path, "run", "gone.py", "--help")
    assert answer.code == 1
    assert answer.out == ""
    assert "gone.py" in answer.err


def test_run_takes_flags_choices_and_repeated_options(tmp_path, loud, mw):
    answer = mw(tmp_path, "run", f"{loud}:loud", "--words", "b", "--words=c", "--no-twice", "--size", "big", "--json")
    params = answer.json["run"]["params"]
    assert (params["words"], params["twice"], params["size"]) == (["b", "c"], False, "big")


def test_run_gives_a_parameter_of_an_own_options_name_after_two_dashes(tmp_path, loud, mw):
    answer = mw(tmp_path, "run", f"{loud}:loud", "--json", "--", "--force", "y")
    assert answer.json["run"]["params"]["force"] == "y"


def test_run_keeps_what_steps_print_and_shows_it_when_asked(tmp_path, loud, mw):
    quiet = mw(tmp_path, "run", f"{loud}:loud")
    assert "words" not in quiet.out
    assert re.search(r"✓ shout +[\d.]+ s  loudness 11", quiet.out)
    shown = mw(tmp_path, "run", f"{loud}:loud", "--no-cache", "--show-output")
    assert "shout │ words ['a']\n" in shown.out
    assert re.search(r"shout │ .*Z INFO loud: twice True\n", shown.out)


def test_run_shows_a_mapped_step_in_one_line_and_the_item_that_failed(tmp_path, loud, mw):
    good = mw(tmp_path, "run", f"{loud}:many")
    assert [line.split()[1] for line in good.out.splitlines() if line.startswith("✓")] == ["odd"]
    bad = mw(tmp_path, "run", f"{loud}:many", "--n", "20")
    assert bad.code == 1
    assert "✗ odd" in bad.out
    assert "unlucky" in bad.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("loud.py:loud", "--executor", "inlin"), "Did you mean 'inline'?"),
        (("loud.py:loud", "--size", "huge"), "expected one of small, big, found 'huge'"),
        (("loud.py:loud", "--size", "big", "--size", "small"), "Option --size is given 2 times."),
        (("loud.py:loud", "--no-twice=yes"), "Option --no-twice takes no value."),
        (("loud.py:loud", "--no-words"), "The pipeline has no parameter 'no_words'"),
        (("loud.py:loud", "--resume", "12345678"), "12345678"),
        (("loud.py:loud", "--at", "soon"), "--at: expected a time or a duration, found 'soon'."),
        (("loud.py:loud", "--at", "2001-01-01"), "is over"),
        (("loud.py:loud", "--max-parallel", "0"), "--max-parallel"),
    ],
)
def test_run_refuses_wrong_options_with_one_line(tmp_path, loud, mw, words, message):
    answer = mw(tmp_path, "run", *words)
    assert answer.code in {1, 2}
    assert answer.out == ""
    assert message in answer.err
    assert answer.err.count("\n") == 1


def test_run_is_left_to_a_worker(tmp_path, loud, mw):
    answer = mw(tmp_path, "run", f"{loud}:loud", "--queue", "--priority", "5", "--no-twice", "--json")
    request = answer.json["request"]
    assert (request["state"], request["priority"], request["name"]) == ("queued", 5, "loud")
    assert request["params"]["twice"] is False
    assert request["pipeline"].endswith("loud.py:loud")
    told = mw(tmp_path, "run", f"{loud}:loud", "--at", "90m")
    assert re.search(r"Queued loud as run [0-9a-f]{8}; a worker takes it up not before \d{4}-", told.out)
    assert "Next: mw worker" in told.out
    assert mw(tmp_path, "runs", "list", "--json").json == []


GATED = """
import os
import millwright as mw

@mw.step
def plus(n: int) -> int:
    return n + 1

@mw.step
def gate(n: int, path: str) -> int:
    if not os.path.exists(path):
        raise OSError("closed")
    return n * 10

@mw.pipeline
def gated(path: str, n: int = 1) -> None:
    gate(plus(n), path)
"""


def test_failed_run_is_resumed_with_its_parameters_and_no_others(tmp_path, mw):
    (tmp_path / "gated.py").write_text(GATED)
    assert mw(tmp_path, "run", "gated.py", "--path", "gate", "--n", "7").code == 1
    run = mw(tmp_path, "runs", "list", "--json").json[0]["id"][-8:]
    (tmp_path / "gate").touch()
    told = mw(tmp_path, "run", "gated.py", "--resume", run, "--explain")
    assert f"it finished in run {run}, and nothing that it depends on has changed" in re.sub(r"\s+", " ", told.out)
    assert f"mw run gated.py --resume={run}" in told.out
    other = mw(tmp_path, "run", "gated.py", "--resume", run, "--n", "500")
    assert other.code == 1
    assert f"'n' was 7 in run '{run}', and is 500 now" in other.err
    assert "run without --resume" in other.err
    same = mw(tmp_path, "run", "gated.py", "--resume", run, "--n", "7", "--json")
    assert same.json["run"]["params"] == {"path": "gate", "n": 7}
    assert [step["status"] for step in same.json["steps"]] == ["cached", "completed"]


def test_run_of_another_pipeline_is_not_resumed(file, tmp_path, mw):
    run = mw(tmp_path, "run", f"{file}:good", "--json").json["run"]["id"][-8:]
    answer = mw(tmp_path, "run", f"{file}:bad", "--resume", run)
    assert answer.code == 1
    assert f"Run '{run}' is one of pipeline 'good', and 'bad' was given." in answer.err
    assert f"mw run flow.py:good --resume {run}" in answer.err
