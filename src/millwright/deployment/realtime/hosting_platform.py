"""What a hosting platform tells a container of prediction servers by its environment.

Vertex AI sets `AIP_HTTP_PORT` (where its requests go), `AIP_HEALTH_ROUTE` and `AIP_PREDICT_ROUTE`
(https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements). SageMaker sets
`SAGEMAKER_BIND_TO_PORT` where a container may not choose its port itself
(https://docs.aws.amazon.com/sagemaker/latest/dg/build-multi-model-build-container.html); else it expects 8080.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from millwright.core.errors import ConfigurationError
from millwright.deployment.realtime.route import RouteOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = ("AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT")
_EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - who sets a container's port reaches it from outside the container
_PATH = re.compile(r"/[\w.~:@!$&'()*+,;=%/-]*", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """What the platform wants.

    Attributes:
        host: Address to listen on; empty when it wants none.
        port: None when it wants none.
        routes: The paths that it asks.
    """

    host: str = ""
    port: int | None = None
    routes: RouteOptions = field(default_factory=RouteOptions)


def read_platform(environment: Mapping[str, str]) -> Platform:
    """Read the environment; variables that are empty count as absent.

    Raises:
        ConfigurationError: One of them is no port, or no path.
    """
    port = next((_port(name, environment[name]) for name in _PORTS if environment.get(name)), None)
    return Platform(
        host="" if port is None else _EVERY_ADDRESS,
        port=port,
        routes=RouteOptions(
            predict_paths=_paths("AIP_PREDICT_ROUTE", environment), health_paths=_paths("AIP_HEALTH_ROUTE", environment)
        ),
    )


def _port(name: str, value: str) -> int:
    if value.isascii() and value.isdigit() and len(value) <= 5 and 0 < int(value) <= 65535:
        return int(value)
    raise ConfigurationError(
        f"Expected the environment variable {name} to be a port from 1 to 65535, found '{value[:40]}'.",
        hint="Give another port, or unset it.",
    )


def _paths(name: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    value = environment.get(name, "")
    if not value:
        return ()
    if not _PATH.fullmatch(value):
        raise ConfigurationError(
            f"Expected the environment variable {name} to be a path such as /predict, found '{value[:100]}'.",
            hint="It begins with a slash and has no spaces, braces, ? or #.",
        )
    return (value.rstrip("/") or "/",)
