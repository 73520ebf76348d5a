from __future__ import annotations

import grpc
import httpx
import pytest
from google.protobuf import json_format

from millwright.deployment.realtime.rpc.message import MESSAGES
from millwright.deployment.realtime.rpc.query import QUERIES
from unit.deployment.realtime.rpc.conftest import infer_request


def asked(calling, method, **fields):
    told = calling.call(method, MESSAGES[f"{method}Request"](**fields))
    assert told.code is grpc.StatusCode.OK, told.details
    return json_format.MessageToDict(
        told.message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )


def by_http(calling, path):
    return httpx.get(f"{calling.url}{path}").json()


def test_answers_are_those_of_rest(calling):
    assert asked(calling, "ServerLive") == by_http(calling, "/v2/health/live")
    assert asked(calling, "ServerReady") == by_http(calling, "/v2/health/ready")
    assert asked(calling, "ServerMetadata") == by_http(calling, "/v2")
    assert asked(calling, "ModelReady", name="site", version="1") == {"ready": True}
    expected = by_http(calling, "/v2/models/delay")
    for tensor in expected["inputs"] + expected["outputs"]:
        tensor.pop("parameters", None)
        tensor["shape"] = [str(size) for size in tensor["shape"]]  # 64 bits are texts in protobuf's JSON
    assert asked(calling, "ModelMetadata", name="delay") == expected


def test_configuration_names_tensors_and_their_types(calling):
    found = asked(calling, "ModelConfig", name="delay", version="1")["config"]
    assert (found["name"], found["backend"], found["max_batch_size"]) == ("delay", "stub", 0)
    assert found["version_policy"] == {"specific": {"versions": ["1"]}}
    assert found["input"][2] == {"name": "permit", "data_type": "TYPE_BOOL", "dims": ["-1"], "optional": True}
    assert [tensor["data_type"] for tensor in found["output"]] == ["TYPE_STRING", "TYPE_FP64", "TYPE_STRING"]


def test_statistics_count_rows_of_one_model_and_of_all(calling):
    calling.call("ModelInfer", infer_request({"days": [1.0], "crews": [1], "borough": ["Queens"]}))
    expected = {"model_stats": [{"name": "delay", "version": "1", "inference_count": "1"}]}
    assert asked(calling, "ModelStatistics", name="delay") == expected
    assert asked(calling, "ModelStatistics") == expected


def test_index_lists_what_is_served(calling):
    ready = {"name": "delay", "version": "1", "state": "READY", "reason": ""}
    assert asked(calling, "RepositoryIndex") == {"models": [ready]}
    calling.serving.state.draining = True
    assert asked(calling, "RepositoryIndex", ready=True) == {"models": []}
    (leaving,) = asked(calling, "RepositoryIndex")["models"]
    assert leaving["state"] == "UNLOADING"


def test_model_that_is_not_served_is_not_ready(calling):
    assert asked(calling, "ModelReady", name="other") == {"ready": False}
    assert asked(calling, "ModelReady", name="delay", version="2") == {"ready": False}
    told = calling.call("ModelMetadata", MESSAGES["ModelMetadataRequest"](name="other"))
    assert told.code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("service", ["", "inference.GRPCInferenceService"])
def test_health_is_told_to_probes(calling, service):
    request = MESSAGES["HealthCheckRequest"](service=service).SerializeToString()
    read = MESSAGES["HealthCheckResponse"].FromString
    assert calling.send("/grpc.health.v1.Health/Check", request, read).message.status == 1
    calling.serving.state.draining = True
    assert calling.send("/grpc.health.v1.Health/Check", request, read).message.status == 2


def test_health_of_another_service_is_not_known(calling):
    request = MESSAGES["HealthCheckRequest"](service="other").SerializeToString()
    told = calling.send("/grpc.health.v1.Health/Check", request, bytes)
    assert told.code is grpc.StatusCode.NOT_FOUND


def test_what_is_not_offered_is_told_so(calling):
    told = calling.send("/inference.GRPCInferenceService/RepositoryModelLoad", b"", bytes)
    assert told.code is grpc.StatusCode.UNIMPLEMENTED


def test_paths_are_those_of_the_protocol():
    assert [query.path for query in QUERIES if query.name == "ModelReady"] == [
        "/inference.GRPCInferenceService/ModelReady"
    ]
