"""Kubernetes: manifests that `kubectl apply --kustomize` takes.

Sources: https://kubernetes.io/docs/reference/kubernetes-api/ (apps/v1, core/v1, autoscaling/v2, policy/v1), and
https://keda.sh/docs/latest/reference/scaledobject-spec/ for KEDA.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from millwright.exports import pod
from millwright.exports.image import PORT, context_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.plan import ServingPlan

_CONTAINER = "model-server"
_IMAGE_FOLDER = "image"
# Requests a second that a process answers before another one is added; half of what a slow core manages.
_REQUESTS_A_SECOND = 500
_CALM_S = 300  # how long it has to be calm before processes are taken away


class KubernetesTarget:
    """Deployment, Service, PodDisruptionBudget and an autoscaler; the build context of the image is below `image/`."""

    name = "kubernetes"

    def files(self, plan: ServingPlan) -> Mapping[str, bytes]:
        """See `Target.files`."""
        resources = {
            "deployment.yaml": _deployment(plan),
            "service.yaml": _service(plan),
            "poddisruptionbudget.yaml": _budget(plan),
            **_autoscaler(plan),
        }
        kustomization = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "resources": list(resources),
        }
        image = context_files(plan) if plan.options.builds_image else {}
        return {
            **pod.documents({**resources, "kustomization.yaml": kustomization}),
            **{f"{_IMAGE_FOLDER}/{path}": content for path, content in image.items()},
        }

    def commands(self, plan: ServingPlan, folder: Path) -> tuple[str, ...]:
        """See `Target.commands`."""
        build = (f"docker build --tag {plan.image} {shlex.quote(str(folder / _IMAGE_FOLDER))}",)
        space = f" --namespace {plan.options.namespace}" if plan.options.namespace else ""
        return (
            *(build if plan.options.builds_image else ()),
            f"kubectl apply --kustomize {shlex.quote(str(folder))}",
            f"kubectl rollout status deployment/{plan.name}{space}",
        )


def _deployment(plan: ServingPlan) -> dict[str, Any]:
    spec: dict[str, Any] = {}
    if plan.options.autoscaler == "none":  # else the number is the autoscaler's, and applying this again leaves it be
        spec["replicas"] = plan.options.min_replicas
    server = pod.container(plan, _CONTAINER)
    server["ports"] = [{"name": pod.PORT_NAME, **server["ports"][0]}]
    server["startupProbe"] = pod.startup_probe()
    server["lifecycle"] = pod.farewell()
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": pod.metadata(plan),
        "spec": {
            **spec,
            "selector": {"matchLabels": pod.selector(plan)},
            # A new pod has to be ready before an old one goes: no request meets fewer processes than there were.
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {
                    "labels": pod.labels(plan),
                    "annotations": {
                        "millwright.dev/model": plan.ref,
                        "prometheus.io/scrape": "true",
                        "prometheus.io/port": str(PORT),
                        "prometheus.io/path": "/metrics",
                    },
                },
                "spec": {
                    "automountServiceAccountToken": False,
                    "terminationGracePeriodSeconds": pod.grace_s(plan),
                    "topologySpreadConstraints": [
                        {
                            "maxSkew": 1,
                            "topologyKey": "kubernetes.io/hostname",
                            "whenUnsatisfiable": "ScheduleAnyway",
                            "labelSelector": {"matchLabels": pod.selector(plan)},
                        }
                    ],
                    "containers": [server],
                    "volumes": pod.volumes(plan),
                },
            },
        },
    }


def _service(plan: ServingPlan) -> dict[str, Any]:
    port = {"name": pod.PORT_NAME, "port": 80, "targetPort": pod.PORT_NAME, "protocol": "TCP", "appProtocol": "http"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": pod.metadata(plan),
        "spec": {"type": "ClusterIP", "selector": pod.selector(plan), "ports": [port]},
    }


def _budget(plan: ServingPlan) -> dict[str, Any]:
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": pod.metadata(plan),
        # Not a number that has to stay: with a single replica no node could ever be emptied.
        "spec": {"maxUnavailable": 1, "selector": {"matchLabels": pod.selector(plan)}},
    }


def _autoscaler(plan: ServingPlan) -> dict[str, dict[str, Any]]:
    if plan.options.autoscaler == "hpa":
        return {"horizontalpodautoscaler.yaml": _horizontal(plan)}
    if plan.options.autoscaler == "keda":
        return {"scaledobject.yaml": _scaled_object(plan)}
    return {}


def _horizontal(plan: ServingPlan) -> dict[str, Any]:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": pod.UTILIZATION}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": pod.metadata(plan),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": plan.name},
            "minReplicas": plan.options.min_replicas,
            "maxReplicas": plan.options.max_replicas,
            "metrics": [{"type": "Resource", "resource": cpu}],
            "behavior": {"scaleDown": {"stabilizationWindowSeconds": _CALM_S}},
        },
    }


def _scaled_object(plan: ServingPlan) -> dict[str, Any]:
    triggers: list[dict[str, Any]] = [
        {"type": "cpu", "metricType": "Utilization", "metadata": {"value": str(pod.UTILIZATION)}}
    ]
    if plan.options.prometheus:
        query = f'sum(rate(millwright_requests_total{{pod=~"{plan.name}-.*"}}[1m]))'
        asked = {
            "serverAddress": plan.options.prometheus,
            "query": query,
            "threshold": str(_REQUESTS_A_SECOND),
            "activationThreshold": "0",
        }
        triggers.append({"type": "prometheus", "metadata": asked})
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": pod.metadata(plan),
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": plan.name},
            "minReplicaCount": plan.options.min_replicas,
            "maxReplicaCount": plan.options.max_replicas,
            "cooldownPeriod": _CALM_S,
            "triggers": triggers,
        },
    }
