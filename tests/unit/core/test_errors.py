from __future__ import annotations

import pytest

from millwright.core.errors import InvalidInputError, MillwrightError, MissingExtraError, closest


def test_error_is_one_sentence_with_its_hint():
    error = InvalidInputError("Expected a file, found none.", hint="Name one.")
    assert str(error) == "Expected a file, found none. Name one."


def test_error_shape_is_the_same_for_every_error():
    shape = InvalidInputError("m", hint="h", details={"row": 1}).as_dict()
    assert shape == {"error": {"code": "invalid_input", "message": "m", "hint": "h", "details": {"row": 1}}}


def test_missing_extra_names_what_to_install():
    assert "pip install 'millwright[sklearn]'" in str(MissingExtraError("optuna", "sklearn"))


def subclasses(kind: type[MillwrightError]) -> list[type[MillwrightError]]:
    return [kind, *(found for child in kind.__subclasses__() for found in subclasses(child))]


@pytest.mark.parametrize("kind", subclasses(MillwrightError))
def test_error_status_is_a_client_or_server_error(kind):
    assert 400 <= kind.http_status <= 599


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("taget", ["target", "source"], "Did you mean 'target'?"),
        ("TARGET", ["target"], "Did you mean 'target'?"),
        ("zzz", ["b", "a"], "Known: a, b."),
        ("zzz", [], ""),
    ],
)
def test_closest_names_the_nearest_or_lists_them(name, known, sentence):
    assert closest(name, known) == sentence


def test_closest_lists_at_most_ten():
    assert closest("zzz", [f"q{n:02}" for n in range(12)]).endswith("q09, ….")
