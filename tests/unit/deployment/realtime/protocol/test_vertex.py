from __future__ import annotations

import pytest

from millwright.deployment.realtime.route import RouteOptions

PREDICT, HEALTH = "/v1/endpoints/1/deployedModels/2:predict", "/v1/endpoints/1/deployedModels/2"


@pytest.fixture
def vertex(make_serving):
    return make_serving(routes=RouteOptions(predict_paths=(PREDICT,), health_paths=(HEALTH,)))


def test_golden_request_of_the_requirements(vertex):
    """`{"instances": INSTANCES, "parameters": PARAMETERS}` → `{"predictions": PREDICTIONS}`, one each."""
    response = vertex.ask(
        "POST",
        PREDICT,
        b'{"instances": [{"days": 12.5, "crews": 3, "borough": "Queens"}, {"days": 0, "crews": 1, "borough": "x"}],'
        b' "parameters": {"outputs": ["probability"]}}',
        headers={"content-type": "application/json"},
    )
    assert (response.status, response.json) == (200, {"predictions": [1 / 13.5, 1.0]})


def test_health_is_200_until_the_server_drains(vertex):
    assert vertex.get(HEALTH).status == 200
    vertex.state.draining = True
    assert vertex.get(HEALTH).status == 503


def test_wrong_value_is_told_with_row_and_column(vertex, row):
    response = vertex.post(PREDICT, {"instances": [row, row | {"crews": "three"}]})
    assert response.status == 422
    assert response.error["message"] == "Row 1, column 'crews': expected an integer, found the text 'three'."


def test_paths_are_there_only_when_chosen(serving, row):
    assert serving.post(PREDICT, {"instances": [row]}).status == 404
