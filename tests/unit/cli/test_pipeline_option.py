from __future__ import annotations

from enum import Enum
from typing import Any, Literal

import pytest

from millwright.cli.pipeline_option import choices, completions, is_list, option_rows, parse_parameters
from millwright.core.errors import InvalidInputError
from millwright.pipelines.parameter import MISSING, Parameter


class Size(Enum):
    SMALL = "small"
    BIG = "big"


def parameter(name: str, hint: Any = str, default: Any = MISSING, told: str = "") -> Parameter:
    return Parameter(name=name, hint=hint, default=default, help=told)


def test_parameters_are_read_in_both_spellings() -> None:
    words = ["--source", "a b.csv", "--max-rows=3", "--empty="]
    known = [parameter("source"), parameter("max_rows", int), parameter("empty")]
    assert parse_parameters(words, known) == {"source": "a b.csv", "max_rows": "3", "empty": ""}


def test_value_may_begin_with_a_single_dash() -> None:
    assert parse_parameters(["--shift", "-3"], [parameter("shift", int)]) == {"shift": "-3"}


def test_flags_stand_alone_or_with_a_value() -> None:
    known = [parameter("dry", bool, False), parameter("fast", bool | None, None), parameter("no_wait", bool, False)]
    words = ["--no-dry", "--fast", "--no-wait"]
    assert parse_parameters(words, known) == {"dry": False, "fast": True, "no_wait": True}
    assert parse_parameters(["--dry=no", "--fast", "false"], known) == {"dry": "no", "fast": "false"}
    assert parse_parameters(["--no-no-wait"], known) == {"no_wait": False}


def test_repeated_lists_are_joined() -> None:
    known = [parameter("tags", list[str]), parameter("sizes", list[int] | None, None)]
    words = ["--tags", "a", "--tags=b,c", "--sizes", "1", "--sizes", "[2, 3]"]
    assert parse_parameters(words, known) == {"tags": ["a", "b", "c"], "sizes": [1, 2, 3]}
    assert parse_parameters(["--tags", "a,b"], known) == {"tags": "a,b"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["stray"], "Unexpected argument 'stray'"),
        (["--name"], "Option --name has no value"),
        (["--name", "--dry"], "Option --name has no value"),
        (["--name", "a", "--name", "b"], "Option --name is given 2 times"),
        (["--nam", "a"], "The pipeline has no parameter 'nam'"),
        (["--no-name"], "The pipeline has no parameter 'no_name'"),
        (["--no-dry=true"], "Option --no-dry takes no value"),
        (["--sizes", "1", "--sizes", "x"], "Parameter 'sizes': expected"),
    ],
)
def test_wrong_words_are_refused(words: list[str], message: str) -> None:
    known = [parameter("name"), parameter("dry", bool, False), parameter("sizes", list[int])]
    with pytest.raises(InvalidInputError, match=message):
        parse_parameters(words, known)


def test_pipeline_without_parameters_says_so() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_parameters(["--a", "1"], [])
    assert caught.value.hint == "It has no parameters."


def test_wrong_word_may_mean_an_option_of_the_command() -> None:
    own = {"--no-cache", "--explain", "-h"}
    with pytest.raises(InvalidInputError, match=r"'explian'\. Did you mean '--explain'\?"):
        parse_parameters(["--explian"], [parameter("name")], own)
    with pytest.raises(InvalidInputError, match=r"'nmae'\. Did you mean '--name'\?"):
        parse_parameters(["--nmae", "x"], [parameter("name")], own)


def test_word_that_has_only_its_dashes_in_common_is_not_taken_for_another() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_parameters(["--bogus", "x"], [parameter("rows")])
    assert caught.value.hint == "Known: rows."


def test_rows_tell_type_default_and_help() -> None:
    known = [
        parameter("source", str, told="Where it is."),
        parameter("rate", float, 0.1),
        parameter("size", Size, Size.BIG),
        parameter("kinds", list[Literal["a", "b"]], ["a"]),
        parameter("dry_run", bool, False),
        parameter("limit", int | None, None),
        parameter("until", str, ""),
        parameter("any", Any, {}),
    ]
    assert option_rows(known, {"--until"}) == [
        ("*", "--source", "<str>", "Where it is. [required]"),
        ("", "--rate", "<float>", "[default: 0.1]"),
        ("", "--size", "[small|big]", "[default: big]"),
        ("", "--kinds", "[a|b]", "(may be repeated) [default: a]"),
        ("", "--dry-run/--no-dry-run", "", "[default: no-dry-run]"),
        ("", "--limit", "<int>", "[default: none]"),
        ("", "--until", "<str>", '(written after --) [default: ""]'),
        ("", "--any", "<value>", "[default: {}]"),
    ]


def test_help_writes_control_characters_out() -> None:
    row = option_rows([parameter("a", str, "\x1b[31m", told="\x07")])[0]
    assert "\x1b" not in row[3]
    assert "\x07" not in row[3]


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Size, ["small", "big"]),
        (Literal[1, "x"] | None, ["1", "x"]),
        (list[Size], ["small", "big"]),
        (bool, ["true", "false"]),
        (str, []),
    ],
)
def test_choices_are_those_of_the_type(hint: Any, expected: list[str]) -> None:
    assert choices(hint) == expected


@pytest.mark.parametrize(("hint", "expected"), [(list[int], True), (tuple[str, ...] | None, True), (str, False)])
def test_lists_may_be_repeated(hint: Any, expected: bool) -> None:
    assert is_list(hint) is expected


def test_completions_are_options_that_are_not_given_and_values_of_the_last_one() -> None:
    known = [parameter("size", Size), parameter("tags", list[str], told="Words."), parameter("dry", bool, False)]
    assert completions(known, ["--size", "big", "--tags", "a"], "--") == [
        ("--tags", "Words."), ("--dry", ""), ("--no-dry", ""),
    ]  # fmt: skip
    assert completions(known, [], "--s", taken={"--size"}) == []
    assert completions(known, ["--size"], "b") == [("big", "")]
    assert completions(known, ["--tags"], "b") == []
