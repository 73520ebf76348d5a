from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millwright.core.errors import InvalidInputError
from millwright.pipelines.secrets import Masks

SECRET = 'pa"ss\\wörd/1'


@pytest.fixture
def masks() -> Masks:
    made = Masks()
    made.add(SECRET)
    return made


def test_nothing_is_masked_before_a_secret_is_known() -> None:
    masks = Masks()
    assert not masks
    assert masks.mask(SECRET) == SECRET
    assert masks.mask_value({"a": SECRET}) == {"a": SECRET}


def test_empty_secret_hides_nothing() -> None:
    masks = Masks()
    masks.add("")
    assert masks.mask("abc") == "abc"


@pytest.mark.parametrize(
    "spelled",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        repr(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
    ],
)
def test_secret_is_hidden_in_its_usual_spellings(masks: Masks, spelled: str) -> None:
    masked = masks.mask(f"<{spelled}>")
    assert "***" in masked
    assert "ss" not in masked


@given(st.text(alphabet="abc", min_size=1), st.text(alphabet="xyz"), st.text(alphabet="xyz"))
def test_secret_never_stands_in_a_masked_text(secret: str, before: str, after: str) -> None:
    masks = Masks()
    masks.add(secret)
    assert masks.mask(f"{before}{secret}{after}{secret}") == f"{before}***{after}***"


def test_secret_that_begins_with_another_is_hidden_whole() -> None:
    masks = Masks()
    masks.add("token")
    masks.add("token-of-admin")
    assert masks.mask("token-of-admin, token") == "***, ***"


def test_secrets_that_overlap_are_both_hidden() -> None:
    masks = Masks()
    masks.add("token-of")
    masks.add("of-admin")
    assert masks.mask("<token-of-admin>") == "<***>"
    assert masks.spans("<token-of-admin>") == [(1, 15)]


def test_longest_text_that_is_hidden_has_room_for_each_form(masks: Masks) -> None:
    assert Masks().longest == 0
    assert masks.longest >= len(quote(quote(SECRET, safe=""), safe=""))


def test_long_lines_of_a_key_are_hidden_on_their_own() -> None:
    masks = Masks()
    masks.add("-----BEGIN KEY-----\nMIIEvQIBADANBg\nabc\n-----END KEY-----\n")
    assert masks.mask("line: MIIEvQIBADANBg") == "line: ***"
    assert masks.mask("abc") == "abc"


def test_values_are_masked_through_lists_names_and_equal_numbers() -> None:
    masks = Masks()
    masks.add("12345")
    value = {"pin 12345": [12345, 123456, {"a": "x12345"}], "yes": True, "none": None, "score": 0.5}
    assert masks.mask_value(value) == {
        "pin ***": ["***", 123456, {"a": "x***"}], "yes": True, "none": None, "score": 0.5
    }  # fmt: skip


def test_record_is_masked_in_its_texts(masks: Masks) -> None:
    @dataclass(frozen=True)
    class Edge:
        source: str
        count: int

    edge = Edge(f"postgresql://me:{SECRET}@host", 1)
    assert masks.mask_record(edge) == Edge("postgresql://me:***@host", 1)
    assert masks.mask_record("text") == "text"


def test_error_is_masked_with_its_causes_notes_and_members(masks: Masks) -> None:
    inner = OSError(2, f"no {SECRET}", f"/{SECRET}")
    refused = InvalidInputError(f"wrong {SECRET}", hint=f"not {SECRET}", details={"given": [SECRET]})
    refused.add_note(f"note {SECRET}")
    refused.__cause__ = inner
    outer = ExceptionGroup(f"all {SECRET}", [refused, ValueError(SECRET.encode(), {"a": SECRET}, (SECRET,))])
    masks.mask_error(outer)
    shown = [str(refused), repr(refused.__dict__), str(inner), repr(inner), repr(outer.exceptions[1].args)]
    assert not [text for text in shown if "ss" in text and "***" not in text]
    assert refused.message == "wrong ***"
    assert refused.details == {"given": ["***"]}
    assert str(inner) == "[Errno 2] no ***: '/***'"


def test_error_whose_causes_are_a_ring_is_masked(masks: Masks) -> None:
    first, second = ValueError(SECRET), ValueError("b")
    first.__context__, second.__context__ = second, first
    masks.mask_error(first)
    assert str(first) == "***"
