from __future__ import annotations

import pytest

from millwright.core.errors import ConfigurationError
from millwright.deployment.realtime.hosting_platform import Platform, read_platform
from millwright.deployment.realtime.route import RouteOptions

VERTEX = {
    "AIP_HTTP_PORT": "8080",
    "AIP_HEALTH_ROUTE": "/v1/endpoints/1/deployedModels/2",
    "AIP_PREDICT_ROUTE": "/v1/endpoints/1/deployedModels/2:predict",
}


def test_vertex_chooses_port_and_paths():
    assert read_platform(VERTEX) == Platform(
        host="0.0.0.0",  # noqa: S104 - expected, not opened
        port=8080,
        routes=RouteOptions(
            predict_paths=("/v1/endpoints/1/deployedModels/2:predict",),
            health_paths=("/v1/endpoints/1/deployedModels/2",),
        ),
    )


def test_sagemaker_chooses_the_port():
    assert read_platform({"SAGEMAKER_BIND_TO_PORT": "9001"}).port == 9001


@pytest.mark.parametrize("environment", [{}, dict.fromkeys([*VERTEX, "SAGEMAKER_BIND_TO_PORT"], "")])
def test_nobody_else_chooses_anything(environment):
    assert read_platform(environment) == Platform()


@pytest.mark.parametrize("value", ["x", "0", "65536", "-1", "8e3", "9" * 50])
def test_what_is_no_port_is_refused_with_its_variable(value):
    with pytest.raises(ConfigurationError, match="AIP_HTTP_PORT to be a port from 1 to 65535, found"):
        read_platform({"AIP_HTTP_PORT": value})


@pytest.mark.parametrize("value", ["predict", "/a b", "/{model}", "/a?b", "http://x/predict", "/\xe4"])
def test_what_is_no_path_is_refused_with_its_variable(value):
    with pytest.raises(ConfigurationError, match="AIP_PREDICT_ROUTE to be a path such as /predict, found"):
        read_platform({"AIP_PREDICT_ROUTE": value})


@pytest.mark.parametrize(("value", "path"), [("/", "/"), ("/a/", "/a")])
def test_slash_at_the_end_makes_no_difference(value, path):
    assert read_platform({"AIP_HEALTH_ROUTE": value}).routes.health_paths == (path,)
