from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import InvalidInputError, StepFailedError, StorageError
from millwright.pipelines.graph.spec import StepOptions
from millwright.pipelines.runner.failure import StepFailure, said

if TYPE_CHECKING:
    from pathlib import Path


def failure(error: Exception, folder: Path) -> StepFailure:
    try:
        raise error
    except type(error) as raised:
        return StepFailure.of(raised, folder)


@pytest.mark.parametrize(
    ("error", "options", "expected"),
    [
        (OSError("away"), {}, True),
        (StorageError("busy"), {}, True),
        (InvalidInputError("wrong"), {}, False),
        (ConnectionResetError(), {"retry_on": (ConnectionError,)}, True),
        (ValueError(), {"retry_on": (ConnectionError,)}, False),
        (InvalidInputError("wrong"), {"retry_on": (InvalidInputError,)}, True),
    ],
)
def test_what_may_pass_is_worth_another_try(
    tmp_path: Path, error: Exception, options: dict[str, Any], *, expected: bool
) -> None:
    assert failure(error, tmp_path).is_worth_retrying(StepOptions(**options)) is expected


def test_other_errors_are_raised_as_failures_of_the_step(tmp_path: Path) -> None:
    with pytest.raises(StepFailedError, match=r"Step 'clean' failed: ValueError: no rows\.") as caught:
        failure(ValueError("no rows."), tmp_path).raise_("clean")
    assert caught.value.details == {"step": "clean", "error": "ValueError", "at": ""}
    assert isinstance(caught.value.__cause__, ValueError)


def test_errors_of_millwright_stay_what_they_are_even_from_another_process(tmp_path: Path) -> None:
    found = failure(InvalidInputError("wrong", hint="Do this.", details={"row": 3}), tmp_path)
    elsewhere = StepFailure(kind=found.kind, text=found.text, shown=found.shown)
    for each in (found, elsewhere):
        with pytest.raises(InvalidInputError, match="wrong") as caught:
            each.raise_("clean")
        assert caught.value.hint == "Do this."
        assert caught.value.details == {"row": 3, "step": "clean"}


def test_place_is_the_innermost_line_of_the_project() -> None:
    from pathlib import Path

    assert failure(ValueError(), Path(__file__).parent).where.startswith("test_failure.py:")


def test_error_without_a_text_is_told_by_its_name() -> None:
    assert said(KeyError()) == "KeyError"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("no rows"), False),
        (InvalidInputError("wrong"), False),
        (StorageError("busy"), True),
        (ConnectionResetError(), True),
        (MemoryError(), True),
        (type("ConnectError", (Exception,), {})("of a library"), True),
    ],
)
def test_failure_of_the_surroundings_may_pass_with_the_same_input(
    tmp_path: Path, error: Exception, *, expected: bool
) -> None:
    assert failure(error, tmp_path).is_transient is expected


def test_step_that_took_too_long_or_was_killed_may_pass() -> None:
    assert StepFailure.too_long(3).is_transient
    assert StepFailure.died("its process was killed by SIGKILL").is_transient
