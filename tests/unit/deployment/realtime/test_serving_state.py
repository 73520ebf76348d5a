from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError


@pytest.mark.parametrize("name", [None, "site", "delay"])
def test_model_is_found_by_default_by_endpoint_and_by_name(serving, name):
    assert serving.state.model(name, None) is serving.slot.current


def test_unknown_model_is_refused_with_the_closest(serving):
    with pytest.raises(NotFoundError) as caught:
        serving.state.model("dealy", None)
    assert caught.value.hint == "Did you mean 'delay'?"


def test_version_that_answers_is_found(serving):
    assert serving.state.model("delay", "1").version == 1


def test_other_version_is_refused_with_the_one_that_answers(serving):
    with pytest.raises(NotFoundError, match="Version 1 is"):
        serving.state.model("delay", "2")
