from __future__ import annotations

import pytest

from millwright.deployment.realtime.telemetry.span_attribute import (
    answer_attributes,
    model_attributes,
    request_attributes,
    span_name,
)


@pytest.mark.parametrize(
    ("method", "path", "route", "name"),
    [
        ("POST", "/v2/models/a/infer", "/v2/models/{model}/infer", "POST /v2/models/{model}/infer"),
        ("GET", "/nowhere", "", "GET"),
        ("BREW", "/predict", "/predict", "HTTP /predict"),
        ("RPC", "/inference.GRPCInferenceService/ModelInfer", "", "inference.GRPCInferenceService/ModelInfer"),
    ],
)
def test_span_is_named_by_its_route(method, path, route, name):
    assert span_name(method, path, route) == name


def test_call_over_grpc_is_told_as_one():
    found = request_attributes("RPC", "/inference.GRPCInferenceService/ModelInfer", "", {}, "[::1]:50000")
    assert (found["rpc.system"], found["rpc.service"]) == ("grpc", "inference.GRPCInferenceService")
    assert (found["rpc.method"], found["client.address"], found["client.port"]) == ("ModelInfer", "::1", 50000)
    assert not any(name.startswith("http.") for name in found)


def test_unknown_method_is_told_as_the_conventions_want_it():
    found = request_attributes("BREW", "/predict", "/predict", {"host": "models"}, "")
    assert (found["http.request.method"], found["http.request.method_original"]) == ("_OTHER", "BREW")
    assert (found["server.address"], "server.port" in found, "client.address" in found) == ("models", False, False)


def test_error_type_is_of_failures_only():
    assert "error.type" not in answer_attributes("POST", 422, "invalid_input", 1, 2)
    assert answer_attributes("POST", 422, "invalid_input", 1, 2)["millwright.error.code"] == "invalid_input"
    assert answer_attributes("POST", 503, "overloaded", 1, 2)["error.type"] == "overloaded"
    assert answer_attributes("POST", 500, "", 1, 2)["error.type"] == "500"


def test_many_predictions_are_named_in_part():
    found = model_attributes("site", "delay", 3, "canary", [str(number) for number in range(40)])
    assert (found["millwright.rows"], len(found["millwright.prediction.ids"])) == (40, 16)
    assert "millwright.rows" not in model_attributes("site", "delay", 3, "canary", [])
