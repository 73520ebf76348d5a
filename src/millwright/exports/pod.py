"""Containers that serve, as Kubernetes and what is built on it describe them.

Source: https://kubernetes.io/docs/reference/kubernetes-api/ (core/v1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from millwright.exports.image import LIVE_PATH, PORT, READY_PATH, TEMPORARY, USER
from millwright.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from millwright.exports.plan import ServingPlan

PORT_NAME = "http"
UTILIZATION = 70  # percent of the CPU asked for, above which processes are added

# From the wish to stop a container until it is told: meanwhile whoever sends requests learns that it goes.
_FAREWELL_S = 5
_MARGIN_S = 10  # beyond the drain: closing the log, leaving
_START_S = 300  # a large model on a busy machine; nothing is asked of it before
_PROBE_S = 5
_MIB = 1 << 20
_TEMPORARY_MIB = 256


def documents(content: Mapping[str, Mapping[str, Any]]) -> dict[str, bytes]:
    """YAML documents by file name, keys in the order in which people write them."""
    return {
        name: yaml.safe_dump(dict(each), sort_keys=False, allow_unicode=True, width=120).encode()
        for name, each in content.items()
    }


def metadata(plan: ServingPlan, **annotations: str) -> dict[str, Any]:
    """Name, labels and annotations of something made for a plan."""
    found: dict[str, Any] = {"name": plan.name}
    if plan.options.namespace:
        found["namespace"] = plan.options.namespace
    found["labels"] = labels(plan)
    found["annotations"] = {
        "millwright.dev/model": plan.ref,
        "millwright.dev/package": f"sha256:{plan.bundle.record.package}",
        **annotations,
    }
    return found


def selector(plan: ServingPlan) -> dict[str, str]:
    """Labels by which a Service and a Deployment find their pods; they never change, a version's number does."""
    return {"app.kubernetes.io/name": plan.name, "app.kubernetes.io/component": "model-server"}


def labels(plan: ServingPlan) -> dict[str, str]:
    """All labels."""
    return {
        **selector(plan),
        "app.kubernetes.io/version": str(plan.bundle.record.version),
        "app.kubernetes.io/managed-by": f"millwright-{__version__}",
    }


def container(plan: ServingPlan, name: str, *, env: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The container, with what every kind of cluster takes.

    It runs as the image's user, without rights, on a file system that it cannot change but for `/tmp`. Memory is
    limited to what is asked for; CPU time is not, since a limit holds back single requests on an idle machine.

    Args:
        plan: What is served.
        name: The container's.
        env: Further variables.
    """
    variables = {**(env or {}), **plan.options.env}
    return {
        "name": name,
        "image": plan.image,
        **({"env": [{"name": key, "value": value} for key, value in variables.items()]} if variables else {}),
        "ports": [{"containerPort": PORT, "protocol": "TCP"}],
        "resources": {
            "requests": {"cpu": plan.options.cpu, "memory": plan.memory},
            "limits": {"memory": plan.memory},
        },
        "readinessProbe": _probe(READY_PATH, period_s=_PROBE_S, failures=2),
        "livenessProbe": _probe(LIVE_PATH, period_s=2 * _PROBE_S, failures=6),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": USER,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{"name": "temporary", "mountPath": TEMPORARY}],
    }


def startup_probe() -> dict[str, Any]:
    """Asked until the model is loaded; the other probes wait for it."""
    return _probe(READY_PATH, period_s=2, failures=_START_S // 2)


def farewell() -> dict[str, Any]:
    """What happens before a container is told to stop: a pause, in which no new requests are sent to it any more."""
    return {"preStop": {"exec": {"command": ["sleep", str(_FAREWELL_S)]}}}


def volumes(plan: ServingPlan) -> list[dict[str, Any]]:
    """The one place to write to: the server's records, and a copy of the package."""
    size = _TEMPORARY_MIB + 2 * -(-len(plan.bundle.package) // _MIB)
    return [{"name": "temporary", "emptyDir": {"sizeLimit": f"{size}Mi"}}]


def grace_s(plan: ServingPlan) -> int:
    """Longest time from the wish to stop a pod until it is killed, in seconds: farewell, drain and a margin."""
    return _FAREWELL_S + round(plan.drain_s) + _MARGIN_S


def _probe(path: str, *, period_s: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": PORT},
        "periodSeconds": period_s,
        "timeoutSeconds": 2,
        "failureThreshold": failures,
    }
