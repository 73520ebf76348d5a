from __future__ import annotations

import pytest

from millwright.deployment.realtime.rpc.message import MESSAGES, ModelInferRequest

# What the protocol nests, we don't: names are not sent.
NESTED = {
    "TensorMetadata": "ModelMetadataResponse.TensorMetadata",
    "InferInputTensor": "ModelInferRequest.InferInputTensor",
    "InferRequestedOutputTensor": "ModelInferRequest.InferRequestedOutputTensor",
    "InferOutputTensor": "ModelInferResponse.InferOutputTensor",
    "ModelIndex": "RepositoryIndexResponse.ModelIndex",
    "SpecificVersions": "ModelVersionPolicy.Specific",
}
OURS = [name for name, kind in MESSAGES.items() if kind.DESCRIPTOR.file.package == "inference"]


@pytest.fixture(scope="module")
def theirs():
    """The descriptions that Triton's client comes with, by name."""
    grpc = pytest.importorskip("tritonclient.grpc", reason="needs tritonclient: pip install 'tritonclient[grpc]'")
    pool = grpc.service_pb2.DESCRIPTOR.pool
    return lambda name: pool.FindMessageTypeByName(f"inference.{NESTED.get(name, name)}")


@pytest.mark.parametrize("name", OURS)
def test_fields_are_numbered_and_typed_as_triton_has_them(theirs, name):
    expected = theirs(name).fields_by_name
    for field in MESSAGES[name].DESCRIPTOR.fields:
        other = expected[field.name]
        assert (field.number, field.type, field.is_repeated) == (other.number, other.type, other.is_repeated), (
            field.name
        )
        assert bool(field.containing_oneof) == bool(other.containing_oneof), field.name
        if field.enum_type is not None:
            ours, numbers = field.enum_type.values_by_name, other.enum_type.values_by_name
            assert {key: value.number for key, value in ours.items()}.items() <= {
                key: value.number for key, value in numbers.items()
            }.items()


def test_message_is_what_triton_reads(theirs):
    grpc = pytest.importorskip("tritonclient.grpc", reason="needs tritonclient: pip install 'tritonclient[grpc]'")
    request = ModelInferRequest(model_name="delay", raw_input_contents=[b"\1"])
    request.parameters["keys"].string_param = "a"
    request.inputs.add(name="days", shape=[-1, 2]).contents.fp32_contents.extend([0.5, 2])
    found = grpc.service_pb2.ModelInferRequest.FromString(request.SerializeToString())
    assert ModelInferRequest.FromString(found.SerializeToString()) == request
    assert str(found) == str(request)


def test_health_is_asked_as_grpc_defines_it():
    assert MESSAGES["HealthCheckRequest"](service="a").SerializeToString() == b"\x0a\x01a"
    assert MESSAGES["HealthCheckResponse"](status="NOT_SERVING").SerializeToString() == b"\x08\x02"


def test_status_is_read_by_googles_classes():
    status_pb2 = pytest.importorskip("google.rpc.status_pb2", reason="needs googleapis-common-protos")
    details = pytest.importorskip("google.rpc.error_details_pb2", reason="needs googleapis-common-protos")
    retry = MESSAGES["RetryInfo"](retry_delay={"seconds": 2})
    packed = {"type_url": "type.googleapis.com/google.rpc.RetryInfo", "value": retry.SerializeToString()}
    status = MESSAGES["Status"](code=14, message="m", details=[packed])
    read = status_pb2.Status.FromString(status.SerializeToString())
    found = details.RetryInfo()
    assert (read.code, read.message, read.details[0].Unpack(found)) == (14, "m", True)
    assert found.retry_delay.seconds == 2
    info = MESSAGES["ErrorInfo"](reason="A", domain="b").SerializeToString()
    assert details.ErrorInfo.FromString(info) == details.ErrorInfo(reason="A", domain="b")
    ours = MESSAGES["BadRequest"](field_violations=[{"field": "a", "description": "b"}]).SerializeToString()
    (violation,) = details.BadRequest.FromString(ours).field_violations
    assert (violation.field, violation.description) == ("a", "b")
