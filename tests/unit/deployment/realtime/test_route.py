from __future__ import annotations

import pytest

from millwright.core.errors import MethodNotAllowedError, NotFoundError
from millwright.deployment.realtime.answer import Answer
from millwright.deployment.realtime.route import Route, Router


def answer(call) -> Answer:
    return Answer(b"")


def make_route(path: str, *methods: str) -> Route:
    return Route(path=path, label=path, about="", handlers=dict.fromkeys(methods, answer))


ROUTER = Router(
    (
        make_route("/", "GET"),
        make_route("/predict", "POST"),
        make_route("/v2/models/{model}", "GET"),
        make_route("/v1/models/{model}:predict", "POST"),
        make_route("/v1/models/{model}", "GET"),
        make_route("/v2/models/{model}/versions/{version}/infer", "POST"),
    )
)


@pytest.mark.parametrize("path", ["/predict", "/predict/"])
def test_fixed_path_is_found_with_or_without_a_slash_at_its_end(path):
    assert ROUTER.find(path).route.path == "/predict"


def test_root_is_found():
    assert ROUTER.find("/").route.path == "/"


def test_path_with_names_is_found_with_them():
    match = ROUTER.find("/v2/models/delay/versions/3/infer")
    assert (match.model, match.version) == ("delay", "3")


def test_name_may_have_an_end():
    match = ROUTER.find("/v1/models/delay:predict")
    assert (match.route.path, match.model) == ("/v1/models/{model}:predict", "delay")
    assert ROUTER.find("/v1/models/delay").model == "delay"
    assert ROUTER.find("/v1/models/:predict").route.path == "/v1/models/{model}"


def test_unknown_path_is_refused_with_the_closest():
    with pytest.raises(NotFoundError) as caught:
        ROUTER.find("/predictt")
    assert "'/predict'" in caught.value.hint


def test_other_method_is_refused_with_those_allowed():
    with pytest.raises(MethodNotAllowedError) as caught:
        ROUTER.find("/predict").route.handler("DELETE")
    assert caught.value.message == "Expected POST for /predict, found DELETE."
    assert caught.value.details["allowed"] == ["POST"]


def test_head_is_answered_where_get_is():
    assert ROUTER.find("/").route.handler("HEAD") is answer
