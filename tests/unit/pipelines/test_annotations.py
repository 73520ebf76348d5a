from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest

import millwright as mw
from millwright.core.errors import PipelineDefinitionError
from millwright.pipelines.annotations import ExternalValue, as_external, declares_file, is_external, parse_duration


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("90s", 90), ("10m", 600), ("10 min", 600), ("1.5h", 5400), ("50ms", 0.05), ("1d", 86400), (3, 3), (0.5, 0.5)],
)
def test_duration_is_read_in_seconds(value: Any, seconds: float) -> None:
    assert parse_duration(value, what="A timeout") == seconds


@pytest.mark.parametrize("value", ["10", "ten", "", "-3s", 0, -1, "5 weeks"])
def test_duration_that_is_none_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(PipelineDefinitionError, match="A timeout: expected a duration above zero") as caught:
        parse_duration(value, what="A timeout")
    assert "10m" in caught.value.hint


def test_external_names_a_path_or_url() -> None:
    assert mw.external("data.csv") == mw.external(Path("data.csv")) == ExternalValue("data.csv")
    assert str(mw.external("https://example.com/a.csv")) == "https://example.com/a.csv"


@pytest.mark.parametrize("value", ["", None, 3, b"x", ["a.csv"]])
def test_external_that_is_no_path_is_refused_and_tells_of_the_annotation(value: Any) -> None:
    with pytest.raises(PipelineDefinitionError, match="expects a path or a URL") as caught:
        mw.external(value)
    assert "Annotated[str, mw.External()]" in caught.value.hint


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        (ExternalValue("a"), True),
        ([ExternalValue("a"), "b"], True),
        (("a", ExternalValue("b")), True),
        ("a", False),
        (["a"], False),
        ([], False),
    ],
)
def test_external_argument_is_known_inside_a_list_too(value: Any, *, is_one: bool) -> None:
    assert is_external(value) is is_one


@pytest.mark.parametrize(
    ("hint", "is_one"),
    [
        (Annotated[str, mw.External()], True),
        (Annotated[str, mw.External], True),
        (Annotated[str, mw.External()] | None, True),
        (list[Annotated[Path, mw.External()]], True),
        (Annotated[list[str] | None, mw.External()], True),
        (Annotated[str, "a path"], False),
        (str, False),
        (None, False),
    ],
)
def test_annotation_of_a_file_is_found_inside_unions_and_lists(hint: Any, *, is_one: bool) -> None:
    assert declares_file(hint) is is_one


def test_paths_are_made_external_and_other_values_stay() -> None:
    assert as_external(["a.csv", Path("b.csv"), None]) == [ExternalValue("a.csv"), ExternalValue("b.csv"), None]
    assert is_external(as_external("a.csv"))
    assert [as_external(None), as_external("")] == [None, ""]
