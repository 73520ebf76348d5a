"""The calls that ask about the server and its models: what REST answers, as messages.

Each is answered by the handler of the REST form. Its JSON has the fields of the message, since both forms of the
protocol describe the same things; what a message has no field for is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from google.protobuf import json_format

from millwright.core.errors import NotFoundError
from millwright.deployment.realtime.answer import Answer, json_answer
from millwright.deployment.realtime.call import Call
from millwright.deployment.realtime.protocol import open_inference, repository
from millwright.deployment.realtime.rpc.message import MESSAGES

SERVICE = "inference.GRPCInferenceService"
HEALTH = "grpc.health.v1.Health"


def _no_body(_message: Any) -> bytes:
    return b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One such call.

    Attributes:
        service: The service's full name.
        name: The method's.
        label: Its name in metrics, as that of the path which REST has for it.
        request: The request's message.
        response: The response's.
        handler: Answers the call in JSON.
        body: The body that the handler expects, from the request's message.
        within: The field of the response that the JSON is for; empty when it is for all of them.
        missing: The JSON for a model that is not served; None when that is an error.
    """

    service: str = SERVICE
    name: str
    label: str
    request: str = ""
    response: str = ""
    handler: Callable[[Call], Answer]
    body: Callable[[Any], bytes] = _no_body
    within: str = ""
    missing: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        """As HTTP/2 names it."""
        return f"/{self.service}/{self.name}"

    def read(self, body: bytes) -> Any:
        """The request's message.

        Raises:
            DecodeError: The bytes are none.
        """
        return MESSAGES[self.request or f"{self.name}Request"].FromString(body)

    def write(self, answer: bytes) -> bytes:
        """The response, serialised.

        Args:
            answer: What the handler answered, in JSON.
        """
        found = msgspec.json.decode(answer)
        message = MESSAGES[self.response or f"{self.name}Response"]()
        json_format.ParseDict({self.within: found} if self.within else found, message, ignore_unknown_fields=True)
        return message.SerializeToString()  # type: ignore[no-any-return]


def _answer_health(call: Call) -> Answer:
    """Whether the process takes requests, as probes of Kubernetes ask."""
    return json_answer({"status": "NOT_SERVING" if call.state.draining else "SERVING"})


def _health_body(message: Any) -> bytes:
    """Refuse to tell of services that are not here.

    Raises:
        NotFoundError: It is none of ours.
    """
    if message.service not in {"", SERVICE, HEALTH}:
        raise NotFoundError(
            f"Expected a service of this server, found '{message.service[:100]}'.", hint=f"Ask for '{SERVICE}'."
        )
    return b""


def _answer_stats(call: Call) -> Answer:
    """Statistics of one model, or of all when none is named, as the call's body says."""
    return repository.answer_stats(call) if call.body else repository.answer_all_stats(call)


QUERIES = (
    Query(name="ServerLive", label="v2.live", handler=open_inference.answer_live),
    Query(name="ServerReady", label="v2.ready", handler=open_inference.answer_ready),
    # Triton says of a model that is not there that it is not ready, and its client takes an error for one.
    Query(
        name="ModelReady", label="v2.model_ready", handler=open_inference.answer_model_ready, missing={"ready": False}
    ),
    Query(name="ServerMetadata", label="v2.server", handler=open_inference.answer_server),
    Query(name="ModelMetadata", label="v2.model", handler=open_inference.answer_model),
    Query(name="ModelConfig", label="v2.config", handler=repository.answer_config, within="config"),
    Query(
        name="ModelStatistics",
        label="v2.stats",
        handler=_answer_stats,
        body=lambda message: message.name.encode(),
    ),
    Query(
        name="RepositoryIndex",
        label="v2.index",
        handler=repository.answer_index,
        body=lambda message: b'{"ready":true}' if message.ready else b"",
        within="models",
    ),
    Query(
        service=HEALTH,
        name="Check",
        label="health",
        request="HealthCheckRequest",
        response="HealthCheckResponse",
        handler=_answer_health,
        body=_health_body,
    ),
)
