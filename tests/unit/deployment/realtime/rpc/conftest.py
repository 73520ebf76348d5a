"""A server on a real socket that speaks HTTP and gRPC, and a client of gRPC that knows nothing but bytes."""

from __future__ import annotations

import asyncio
import struct
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc
import pytest

from millwright.core.listener import listener_url, open_listener
from millwright.deployment.realtime.http_server import HttpServer

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Told:
    """What came of a call."""

    message: Any
    code: Any
    details: str
    metadata: dict[str, Any]


@dataclass
class Calling:
    """A server that runs in a thread, and how to call it."""

    serving: Any
    server: HttpServer
    url: str
    channel: Any

    @property
    def target(self) -> str:
        """As gRPC names it."""
        return self.url.removeprefix("http://")

    def call(self, method: str, message: Any, metadata: Any = (), **options: Any) -> Told:
        """Send a message to a method of the service."""
        from millwright.deployment.realtime.rpc.message import MESSAGES

        return self.send(
            f"/inference.GRPCInferenceService/{method}",
            message.SerializeToString(),
            MESSAGES[f"{method}Response"].FromString,
            metadata,
            **options,
        )

    def send(self, path: str, body: bytes, read: Any, metadata: Any = (), **options: Any) -> Told:
        """Send bytes to any method."""
        method = self.channel.unary_unary(path, response_deserializer=read)
        try:
            found, call = method.with_call(body, metadata=metadata, timeout=30, **options)
        except grpc.RpcError as error:
            found, call = None, error
        return Told(found, call.code(), call.details(), dict(call.trailing_metadata()))


@contextmanager
def running(serving: Any, *, max_body_bytes: int = 1 << 20, drain_s: float = 5) -> Iterator[Calling]:
    """A server for an application, to the end of a context."""
    from millwright.deployment.realtime.rpc.server import RpcServer

    listener = open_listener("127.0.0.1", 0)
    started = threading.Event()
    rpc = RpcServer(serving.app, serving.state, max_body_bytes=max_body_bytes)
    server = HttpServer(serving.app, serving.state, drain_s=drain_s, started=started.set, rpc=rpc)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    assert started.wait(20)
    url = listener_url(listener, "127.0.0.1")
    with closing(listener), grpc.insecure_channel(url.removeprefix("http://")) as channel:
        yield Calling(serving, server, url, channel)
        server.stop()
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def calling(make_serving: Any) -> Iterator[Calling]:
    """A server with the usual limits."""
    with running(make_serving()) as found:
        yield found


DATATYPES = {"days": "FP64", "crews": "INT64", "permit": "BOOL", "borough": "BYTES", "start": "BYTES", "note": "BYTES"}
_CONTENTS = {"FP64": "fp64_contents", "INT64": "int64_contents", "BOOL": "bool_contents", "BYTES": "bytes_contents"}
_PACKED = {"FP64": "d", "INT64": "q", "BOOL": "?"}


def infer_request(columns: dict[str, list[Any]], *, raw: bool = False, model: str = "delay", **fields: Any) -> Any:
    """A request with one tensor per column."""
    from millwright.deployment.realtime.rpc.message import ModelInferRequest

    request = ModelInferRequest(model_name=model, **fields)
    for name, values in columns.items():
        datatype = DATATYPES[name]
        tensor = request.inputs.add(name=name, datatype=datatype, shape=[len(values)])
        texts = [value.encode() for value in values] if datatype == "BYTES" else values
        if not raw:
            getattr(tensor.contents, _CONTENTS[datatype]).extend(texts)
        elif datatype == "BYTES":
            parts = [len(text).to_bytes(4, "little") + text for text in texts]
            request.raw_input_contents.append(b"".join(parts))
        else:
            request.raw_input_contents.append(struct.pack(f"<{len(values)}{_PACKED[datatype]}", *values))
    return request


def outputs_of(response: Any) -> dict[str, list[Any]]:
    """The values of a response's tensors, whichever form they came in."""
    found = {}
    for number, tensor in enumerate(response.outputs):
        if not response.raw_output_contents:
            values = list(getattr(tensor.contents, _CONTENTS[tensor.datatype]))
        elif tensor.datatype == "BYTES":
            values, data = [], response.raw_output_contents[number]
            while data:
                end = 4 + int.from_bytes(data[:4], "little")
                values.append(data[4:end])
                data = data[end:]
        else:
            kind = _PACKED[tensor.datatype]
            values = list(struct.unpack(f"<{tensor.shape[0]}{kind}", response.raw_output_contents[number]))
        assert list(tensor.shape) == [len(values)]
        found[tensor.name] = [value.decode() for value in values] if tensor.datatype == "BYTES" else values
    return found
