"""The Open Inference Protocol over gRPC, on the port of HTTP.

The path of a call:

    Door → Pipe                   a connection that begins as HTTP/2 goes to the gRPC server of this process
    → InferenceService            reads the message, chooses the model and its arm
    → InferencePath.answer        as for HTTP: features, check, prediction, log
    → read_infer | write_infer    tensors to rows, predictions to tensors
    → Responder.tell              as for HTTP: counters and observers

`RpcServer` joins them. All but this module need the libraries of the extra `grpc`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from millwright.core.errors import MissingExtraError

if TYPE_CHECKING:
    from millwright.deployment.realtime.app import RealtimeApp
    from millwright.deployment.realtime.rpc.server import RpcServer
    from millwright.deployment.realtime.serving_state import ServingState

__all__ = ["rpc_server"]


def rpc_server(app: RealtimeApp, state: ServingState, *, wanted: bool | None, max_body_bytes: int) -> RpcServer | None:
    """The gRPC server of a process.

    Args:
        app: The application, whose path and limits are shared.
        state: What is served.
        wanted: Whether there is to be one; None for where its libraries are installed.
        max_body_bytes: Largest message.

    Returns:
        None when there is to be none.

    Raises:
        MissingExtraError: It is wanted, and a library is not installed.
    """
    if wanted is False:
        return None
    try:
        # By themselves, so that nothing but their absence is taken for it.
        for library in ("google.protobuf", "grpc.aio"):
            import_module(library)
    except ImportError as error:
        if wanted is None:
            return None
        raise MissingExtraError("grpcio", "grpc") from error
    from millwright.deployment.realtime.rpc.server import RpcServer

    return RpcServer(app, state, max_body_bytes=max_body_bytes)
