from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest

import millwright as mw
from millwright.core.errors import InvalidInputError, PipelineDefinitionError
from millwright.pipelines.parameter import bind_parameters, coerce, expected, read_parameters


class Mode(Enum):
    FAST = "fast"
    SLOW = "slow"


@dataclass(frozen=True)
class Canary:
    share: float
    steps: list[int]


@dataclass(frozen=True)
class Flock:
    canary: Canary | None


def sample(
    source: str,
    trials: int = 30,
    mode: Mode = Mode.FAST,
    share: float | None = None,
    columns: list[str] | None = None,
) -> None:
    """Do it.

    Args:
        source: Where the rows are.
        trials (int): How many settings to try.
            More is better.

    Returns:
        Nothing.
    """


@pytest.mark.parametrize(
    ("value", "hint", "result"),
    [
        ("5", int, 5),
        ("1_000", int, 1000),
        ("0.5", float, 0.5),
        (3, float, 3.0),
        ("true", bool, True),
        ("No", bool, False),
        ("x", str, "x"),
        ("5", str, "5"),
        ("none", int | None, None),
        ("5", int | None, 5),
        ("5", str | None, "5"),
        ("a/b", Path, Path("a/b")),
        ("fast", Mode, Mode.FAST),
        ("FAST", Mode, Mode.FAST),
        ("b", Literal["a", "b"], "b"),
        ("2", Literal[1, 2], 2),
        ("2026-01-02", date, date(2026, 1, 2)),
        ("2026-01-02T03:00:00+00:00", datetime, datetime(2026, 1, 2, 3, tzinfo=UTC)),
        ("a,b", list[str], ["a", "b"]),
        ('["a", "b"]', list[str], ["a", "b"]),
        ("1,2", tuple[int, ...], (1, 2)),
        ([1, 2], tuple[int, ...], (1, 2)),
        ('{"a": 1}', dict[str, int], {"a": 1}),
        ('{"share": 0.5, "steps": [1]}', Canary, Canary(0.5, [1])),
        (Canary(0.5, [1]), Canary, Canary(0.5, [1])),
        ("anything", Any, "anything"),
        ([{"share": 0.5, "steps": [1]}], list[Canary], [Canary(0.5, [1])]),
        ({"a": [1]}, dict[str, list[float]], {"a": [1.0]}),
        ({"fast"}, set[Mode] | None, {Mode.FAST}),
        ((1, "slow"), tuple[int, Mode], (1, Mode.SLOW)),
    ],
)
def test_value_is_read_in_the_type_asked_for(value: Any, hint: Any, result: Any) -> None:
    found = coerce(value, hint)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("value", "hint", "words"),
    [
        ("ten", int, "a whole number"),
        ("1.5", int, "a whole number"),
        (1.5, int, "a whole number"),
        (True, int, "a whole number"),
        ("much", float, "a number"),
        ("maybe", bool, "true or false"),
        (3, str, "text"),
        ("medium", Mode, "one of fast, slow"),
        ("c", Literal["a", "b"], "one of a, b"),
        ("", Literal["a", "b"], "one of a, b"),
        ("soon", date, "a date such as 2026-11-30"),
        (None, int, "a whole number"),
        ("x", int | float, "a whole number or a number"),
        ("[1, ", list[int], "list[int]"),
        (["a", 3], list[str], "list[str]"),
        ({"a": "x"}, dict[str, int], "dict[str, int]"),
        ((1, 2, 3), tuple[int, int], "tuple[int, int]"),
        ({"share": 1}, Canary, "Canary(share: float, steps: list[int])"),
        ('{"share": 1, "steps": [], "step": 3}', Canary, "Canary(share: float, steps: list[int])"),
        ([{"share": 1, "steps": [], "step": 3}], list[Canary], "list[tests.Canary]"),
        ({"a": {"share": 1, "steps": [], "step": 3}}, dict[str, Canary], "dict[str, tests.Canary]"),
        ({"canary": {"share": 1, "steps": [], "step": 3}}, Flock, "Flock(canary: tests.Canary | None)"),
    ],
)
def test_value_that_does_not_fit_tells_what_was_expected(value: Any, hint: Any, words: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its whole text is compared
        coerce(value, hint)
    assert words in str(caught.value)


def test_expected_names_nothing_but_types_people_know() -> None:
    assert expected(int | None) == "a whole number"
    assert expected(Any) == "a value"
    assert expected(None) == "nothing"


def test_parameters_are_read_with_their_types_defaults_and_help() -> None:
    source, trials, mode, share, columns = read_parameters(sample)
    assert (source.required, source.help) == (True, "Where the rows are.")
    assert (trials.default, trials.help) == (30, "How many settings to try.")
    assert trials.describe() == "--trials a whole number  (default 30)  How many settings to try."
    assert mode.describe() == "--mode one of fast, slow  (default fast)"
    assert source.describe().startswith("--source text  (required)")
    assert not share.required
    assert columns.hint == list[str] | None


def test_binding_fills_in_defaults_and_coerces() -> None:
    bound = bind_parameters(read_parameters(sample), {"source": "x", "share": "0.5"}, pipeline="demo")
    assert bound == {"source": "x", "trials": 30, "mode": Mode.FAST, "share": 0.5, "columns": None}


def test_default_is_read_as_the_parameters_type_and_a_wrong_one_is_a_mistake() -> None:
    def defaults(share: float = 1, mode: Mode = "slow", day: date = "2026-01-31", rows: int | None = None) -> None: ...  # type: ignore[assignment]

    found = bind_parameters(read_parameters(defaults), {}, pipeline="demo")
    assert found == {"share": 1.0, "mode": Mode.SLOW, "day": date(2026, 1, 31), "rows": None}
    assert type(found["share"]) is float

    def wrong(rows: int = "many") -> None: ...  # type: ignore[assignment]

    with pytest.raises(InvalidInputError, match="'rows': expected a whole number, found 'many'") as caught:
        bind_parameters(read_parameters(wrong), {}, pipeline="demo", place="pipeline.py:demo")
    assert caught.value.hint == "See its parameters with: mw run pipeline.py:demo --help"


def test_any_number_of_parameters_is_a_mistake() -> None:
    def starred(*names: str) -> None: ...
    def keywords(**values: int) -> None: ...

    with pytest.raises(PipelineDefinitionError, match=r"'starred' takes \*names"):
        read_parameters(starred)
    with pytest.raises(PipelineDefinitionError, match=r"'keywords' takes \*\*values"):
        read_parameters(keywords)


def test_binding_tells_every_mistake_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        bind_parameters(read_parameters(sample), {"trails": "3", "mode": "medium"}, pipeline="demo")
    message = caught.value.message
    assert "There is no parameter 'trails'. Did you mean 'trials'?" in message
    assert "Parameter 'source' is missing: expected text." in message
    assert "Parameter 'mode': expected one of fast, slow, found 'medium'" in message


@pytest.mark.parametrize("hint", [str, Path, Any, str | None, Annotated[str, "x"], list[str] | Path])
def test_file_outside_is_taken_as_it_is_where_a_name_fits(hint: Any) -> None:
    value = mw.external("data.csv")
    assert coerce(value, hint) is value


@pytest.mark.parametrize("hint", [list[str], list[Path], tuple[str, ...], list, Any, str | list[str]])
def test_files_outside_are_taken_as_they_are_where_a_list_of_names_fits(hint: Any) -> None:
    values = [mw.external("data.csv"), "more.csv"]
    assert coerce(values, hint) is values


@pytest.mark.parametrize("hint", [int, float, list[int], dict[str, str], bool | None, list[str]])
def test_file_outside_is_refused_where_its_name_does_not_fit(hint: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(expected(hint))):
        coerce(mw.external("data.csv"), hint)
