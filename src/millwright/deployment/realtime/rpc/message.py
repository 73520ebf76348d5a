"""The messages of the Open Inference Protocol over gRPC, and of Triton's extensions that we answer.

They are described here field by field, as the protocol numbers them, and made into classes when this module is loaded:
nothing is generated before. The classes live in a pool of their own, so that a client library with its own description
of the same messages may be loaded beside them.

Sources: https://github.com/kserve/open-inference-protocol, `specification/protocol/open_inference_grpc.proto`;
https://github.com/triton-inference-server/common, `protobuf/grpc_service.proto` and `protobuf/model_config.proto` (of a
model's configuration and statistics only the fields that we fill in: what a message lacks, its readers take for unset);
https://github.com/grpc/grpc/blob/master/doc/health-checking.md; https://cloud.google.com/apis/design/errors for the
three messages that tell more about an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARAMETERS = "map InferParameter parameters"
_TENSOR = (
    f"string name = 1; string datatype = 2; repeated int64 shape = 3; {_PARAMETERS} = 4; "
    "InferTensorContents contents = 5"
)

# By package and message its fields, written as in a .proto file, but for `map`, whose keys are always text.
_MESSAGES: Mapping[str, Mapping[str, str]] = {
    "inference": {
        "ServerLiveRequest": "",
        "ServerLiveResponse": "bool live = 1",
        "ServerReadyRequest": "",
        "ServerReadyResponse": "bool ready = 1",
        "ModelReadyRequest": "string name = 1; string version = 2",
        "ModelReadyResponse": "bool ready = 1",
        "ServerMetadataRequest": "",
        "ServerMetadataResponse": "string name = 1; string version = 2; repeated string extensions = 3",
        "ModelMetadataRequest": "string name = 1; string version = 2",
        "TensorMetadata": "string name = 1; string datatype = 2; repeated int64 shape = 3",
        "ModelMetadataResponse": (
            "string name = 1; repeated string versions = 2; string platform = 3; "
            "repeated TensorMetadata inputs = 4; repeated TensorMetadata outputs = 5"
        ),
        "InferParameter": (
            "bool bool_param = 1; int64 int64_param = 2; string string_param = 3; double double_param = 4; "
            "uint64 uint64_param = 5"
        ),
        "InferTensorContents": (
            "repeated bool bool_contents = 1; repeated int32 int_contents = 2; repeated int64 int64_contents = 3; "
            "repeated uint32 uint_contents = 4; repeated uint64 uint64_contents = 5; "
            "repeated float fp32_contents = 6; repeated double fp64_contents = 7; repeated bytes bytes_contents = 8"
        ),
        "InferInputTensor": _TENSOR,
        "InferRequestedOutputTensor": f"string name = 1; {_PARAMETERS} = 2",
        "ModelInferRequest": (
            f"string model_name = 1; string model_version = 2; string id = 3; {_PARAMETERS} = 4; "
            "repeated InferInputTensor inputs = 5; repeated InferRequestedOutputTensor outputs = 6; "
            "repeated bytes raw_input_contents = 7"
        ),
        "InferOutputTensor": _TENSOR,
        "ModelInferResponse": (
            f"string model_name = 1; string model_version = 2; string id = 3; {_PARAMETERS} = 4; "
            "repeated InferOutputTensor outputs = 5; repeated bytes raw_output_contents = 6"
        ),
        "ModelStreamInferResponse": "string error_message = 1; ModelInferResponse infer_response = 2",
        "RepositoryIndexRequest": "string repository_name = 1; bool ready = 2",
        "ModelIndex": "string name = 1; string version = 2; string state = 3; string reason = 4",
        "RepositoryIndexResponse": "repeated ModelIndex models = 1",
        "ModelStatisticsRequest": "string name = 1; string version = 2",
        "ModelStatistics": "string name = 1; string version = 2; uint64 inference_count = 4",
        "ModelStatisticsResponse": "repeated ModelStatistics model_stats = 1",
        "ModelConfigRequest": "string name = 1; string version = 2",
        "SpecificVersions": "repeated int64 versions = 1",
        "ModelVersionPolicy": "SpecificVersions specific = 3",
        "ModelInput": "string name = 1; DataType data_type = 2; repeated int64 dims = 4; bool optional = 8",
        "ModelOutput": "string name = 1; DataType data_type = 2; repeated int64 dims = 3",
        "ModelConfig": (
            "string name = 1; string platform = 2; ModelVersionPolicy version_policy = 3; int32 max_batch_size = 4; "
            "repeated ModelInput input = 5; repeated ModelOutput output = 6; string backend = 17"
        ),
        "ModelConfigResponse": "ModelConfig config = 1",
    },
    "grpc.health.v1": {
        "HealthCheckRequest": "string service = 1",
        "HealthCheckResponse": "ServingStatus status = 1",
    },
    "google.rpc": {
        "Any": "string type_url = 1; bytes value = 2",
        "Status": "int32 code = 1; string message = 2; repeated Any details = 3",
        "ErrorInfo": "string reason = 1; string domain = 2",
        "Duration": "int64 seconds = 1; int32 nanos = 2",
        "RetryInfo": "Duration retry_delay = 1",
        "FieldViolation": "string field = 1; string description = 2",
        "BadRequest": "repeated FieldViolation field_violations = 1",
    },
}
_ENUMS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "inference": {
        "DataType": (
            "TYPE_INVALID", "TYPE_BOOL", "TYPE_UINT8", "TYPE_UINT16", "TYPE_UINT32", "TYPE_UINT64", "TYPE_INT8",
            "TYPE_INT16", "TYPE_INT32", "TYPE_INT64", "TYPE_FP16", "TYPE_FP32", "TYPE_FP64", "TYPE_STRING",
        ),
    },
    "grpc.health.v1": {"ServingStatus": ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")},
}  # fmt: skip
# Messages of which one field is set, and one can tell which.
_CHOICES = {"InferParameter": "parameter_choice", "ModelVersionPolicy": "policy_choice"}

_Field = descriptor_pb2.FieldDescriptorProto


def _add_field(message: descriptor_pb2.DescriptorProto, written: str, package: str) -> None:
    words, _, number = written.partition(" = ")
    *kind, name = words.split()
    field = message.field.add(name=name, number=int(number), label=_Field.LABEL_OPTIONAL)
    if len(kind) > 1:
        field.label = _Field.LABEL_REPEATED
    if kind[0] == "map":
        # A map is a repeated message of key and value, named after its field.
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add_field(entry, "string key = 1", package)
        _add_field(entry, f"{kind[1]} value = 2", package)
        _set_type(field, f"{message.name}.{entry.name}", package)
    else:
        _set_type(field, kind[-1], package)
    if message.name in _CHOICES:
        field.oneof_index = 0


def _set_type(field: descriptor_pb2.FieldDescriptorProto, kind: str, package: str) -> None:
    number = getattr(_Field, f"TYPE_{kind.upper()}", None)
    if number is None:
        number = _Field.TYPE_ENUM if kind in _ENUMS.get(package, ()) else _Field.TYPE_MESSAGE
        field.type_name = f".{package}.{kind}"
    field.type = number


def _file(package: str, messages: Mapping[str, str]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for name, members in _ENUMS.get(package, {}).items():
        enum = file.enum_type.add(name=name)
        for number, member in enumerate(members):
            enum.value.add(name=member, number=number)
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        if name in _CHOICES:
            message.oneof_decl.add(name=_CHOICES[name])
        for written in fields.split("; ") if fields else ():
            _add_field(message, written, package)
    return file


def _classes() -> dict[str, Any]:
    pool = descriptor_pool.DescriptorPool()
    for package, messages in _MESSAGES.items():
        pool.Add(_file(package, messages))
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for package, messages in _MESSAGES.items()
        for name in messages
    }


MESSAGES: Mapping[str, Any] = _classes()
"""The message classes by name, each with the protobuf library's methods."""

ModelInferRequest: Any = MESSAGES["ModelInferRequest"]
ModelInferResponse: Any = MESSAGES["ModelInferResponse"]
ModelStreamInferResponse: Any = MESSAGES["ModelStreamInferResponse"]
