from __future__ import annotations

import pytest

from millwright.core.errors import NotFoundError
from millwright.deployment.realtime.arm import Arm, LineUp
from millwright.deployment.realtime.model_slot import ModelSlot


@pytest.mark.parametrize("name", [None, "site", "delay"])
def test_model_is_found_by_default_by_endpoint_and_by_name(serving, name):
    assert serving.state.slot(name) is serving.slot


def test_endpoint_is_found_before_a_model_of_that_name(serving, make_served):
    other = ModelSlot("delay", make_served(7, "cost"))
    serving.state.slots = (serving.slot, other)
    assert serving.state.slot("delay") is other
    assert serving.state.slot("cost") is other
    assert serving.state.slot("site") is serving.slot


def test_two_endpoints_of_one_model_have_names_that_find_them(serving, make_served):
    serving.state.slots = (serving.slot, ModelSlot("second", make_served(2)))
    assert [name for name, _ in serving.state.named()] == ["delay", "second"]
    assert all(serving.state.slot(name) is slot for name, slot in serving.state.named())
    assert serving.get("/v1/models").json == {"models": ["delay", "second"]}
    index = serving.ask("POST", "/v2/repository/index", b"").json
    assert [(each["name"], each["version"]) for each in index] == [("delay", "1"), ("second", "2")]


def test_unknown_model_is_refused_with_the_closest(serving):
    with pytest.raises(NotFoundError) as caught:
        serving.state.slot("dealy")
    assert caught.value.hint == "Did you mean 'delay'?"


def test_version_that_answers_is_found(serving):
    assert serving.state.arm(serving.slot.lineup, "1").served.version == 1


def test_other_version_is_refused_with_those_that_answer(serving, make_served):
    with pytest.raises(NotFoundError, match="Version 1 is"):
        serving.state.arm(serving.slot.lineup, "2")
    lineup = LineUp(Arm(make_served(3)), (Arm(make_served(4), "canary"),))
    with pytest.raises(NotFoundError, match="Versions 3, 4 are"):
        serving.state.arm(lineup, "2")
    assert serving.state.arm(lineup, "4").name == "canary"


def test_chooser_divides_what_names_no_version(serving, make_served):
    arms = (Arm(make_served(3)), Arm(make_served(4), "canary"))

    class ById:
        def choose(self, headers, request_id) -> Arm:
            assert headers == [(b"a", b"b")]
            return arms[int(request_id)]

    lineup = LineUp(arms[0], arms[1:], chooser=ById())
    assert [serving.state.arm(lineup, None, [(b"a", b"b")], name).name for name in "01"] == ["primary", "canary"]
