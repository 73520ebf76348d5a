"""KServe: an InferenceService whose predictor is our own container, which speaks the Open Inference Protocol.

Sources: https://kserve.github.io/website/docs/reference/crd-api (serving.kserve.io/v1beta1), and of what a predictor's
container may say in Knative https://github.com/knative/specs/blob/main/specs/serving/runtime-contract.md.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from millwright.exports import pod
from millwright.exports.image import MODEL_FOLDER, context_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.plan import ServingPlan

_FILE = "inferenceservice.yaml"
_IMAGE_FOLDER = "image"
_CONTAINER = "kserve-container"  # by this name KServe finds the predictor
# A container of one's own says its protocol by this variable: `protocolVersion` is a field of model formats only.
_PROTOCOL = {"PROTOCOL": "v2"}
# The older names of the modes, which newer releases take, too: Standard and Knative.
_MODES = {"standard": "RawDeployment", "knative": "Serverless"}
_MODE = "serving.kserve.io/deploymentMode"
_REQUESTS_AT_ONCE = 32  # in a process, before another one is added
_TIMEOUT_S = 60


class KServeTarget:
    """An InferenceService; with the build context of the image below `image/`."""

    name = "kserve"

    def files(self, plan: ServingPlan) -> Mapping[str, bytes]:
        """See `Target.files`."""
        image = context_files(plan) if plan.options.builds_image else {}
        return {
            **pod.documents({_FILE: inference_service(plan)}),
            **{f"{_IMAGE_FOLDER}/{path}": content for path, content in image.items()},
        }

    def commands(self, plan: ServingPlan, folder: Path) -> tuple[str, ...]:
        """See `Target.commands`."""
        build = (f"docker build --tag {plan.image} {shlex.quote(str(folder / _IMAGE_FOLDER))}",)
        space = f" --namespace {plan.options.namespace}" if plan.options.namespace else ""
        return (
            *(build if plan.options.builds_image else ()),
            f"kubectl apply --filename {shlex.quote(str(folder / _FILE))}",
            f"kubectl wait --for=condition=Ready inferenceservice/{plan.name}{space}",
        )


def inference_service(plan: ServingPlan) -> dict[str, Any]:
    """The document. The model answers by the service's name, as KServe's paths have it."""
    server = pod.container(plan, _CONTAINER, env=_PROTOCOL)
    server["args"] = ["serve", f"{plan.name}={MODEL_FOLDER}"]
    predictor: dict[str, Any] = {
        "minReplicas": plan.options.min_replicas,
        "maxReplicas": plan.options.max_replicas,
        "timeout": _TIMEOUT_S,
        "automountServiceAccountToken": False,
    }
    if plan.options.mode == "standard":
        server["startupProbe"] = pod.startup_probe()
        server["lifecycle"] = pod.farewell()
        predictor |= {
            "scaleMetric": "cpu",
            "scaleTarget": pod.UTILIZATION,
            "deploymentStrategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1},
            },
            "terminationGracePeriodSeconds": pod.grace_s(plan),
        }
    else:  # Knative refuses life cycles and grace periods, and sees to both itself
        predictor |= {"scaleMetric": "concurrency", "scaleTarget": _REQUESTS_AT_ONCE}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": pod.metadata(plan, **{_MODE: _MODES[plan.options.mode]}),
        "spec": {"predictor": {**predictor, "containers": [server], "volumes": pod.volumes(plan)}},
    }
