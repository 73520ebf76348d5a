"""Ray Serve: an application file, and the configuration that `serve run` and `serve deploy` take.

Source: https://docs.ray.io/en/latest/serve/api/index.html (`ServeDeploySchema`).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import yaml

from millwright.exports.image import model_files
from millwright.exports.wheel import wheel_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.plan import ServingPlan

_CONFIG = "serve.yaml"
_MODULE = "application"
_DEPLOYMENT = "Model"
_PORT = 8000  # Ray Serve's own
_REQUESTS_AT_ONCE = 32  # in a replica, above which another one is added
_MOST_AT_ONCE = 128  # in a replica; the proxy keeps the others until one is free
_MOST_WAITING = 1_000  # beyond that the proxy refuses
_CALM_S = 300
_MARGIN_S = 10

_APPLICATION = '''\
"""{ref} as a Ray Serve application, written by Millwright.

Needs Ray 2.46 or newer with its extra `serve`, and what requirements.txt names.
"""

from __future__ import annotations

from pathlib import Path

from ray import serve

from millwright.exports.ray_application import bundle_application


def build():
    """The server of the model beside this file; each replica makes its own."""
    return bundle_application(Path(__file__).with_name("model"))


@serve.deployment(name="{deployment}")
@serve.ingress(build)
class {deployment}:
    """Answers Open Inference v2, KServe v1, MLflow's and Millwright's own requests."""


app = {deployment}.bind()
'''


class RayServeTarget:
    """`serve.yaml`, `application.py`, the model and what has to be installed beside Ray."""

    name = "ray-serve"

    def files(self, plan: ServingPlan) -> Mapping[str, bytes]:
        """See `Target.files`."""
        text = yaml.safe_dump(serve_config(plan), sort_keys=False, allow_unicode=True, width=120)
        module = _APPLICATION.format(ref=plan.ref, deployment=_DEPLOYMENT)
        return {_CONFIG: text.encode(), f"{_MODULE}.py": module.encode(), **model_files(plan)}

    def commands(self, plan: ServingPlan, folder: Path) -> tuple[str, ...]:
        """See `Target.commands`."""
        del plan
        return (
            f"cd {shlex.quote(str(folder))}",
            f"pip install --no-deps --requirement requirements.txt wheels/{wheel_name()}",
            f"serve run {_CONFIG}",
        )


def serve_config(plan: ServingPlan) -> dict[str, Any]:
    """The configuration's document."""
    deployment: dict[str, Any] = {
        "name": _DEPLOYMENT,
        "max_ongoing_requests": _MOST_AT_ONCE,
        "max_queued_requests": _MOST_WAITING,
        "ray_actor_options": {"num_cpus": plan.cpu_cores, "memory": plan.memory_bytes},
        "graceful_shutdown_timeout_s": plan.drain_s + _MARGIN_S,
        "health_check_period_s": 10,
        "health_check_timeout_s": 30,
        "autoscaling_config": {
            "min_replicas": plan.options.min_replicas,
            "max_replicas": plan.options.max_replicas,
            "target_ongoing_requests": _REQUESTS_AT_ONCE,
            "downscale_delay_s": _CALM_S,
        },
    }
    if plan.options.env:
        deployment["ray_actor_options"]["runtime_env"] = {"env_vars": dict(plan.options.env)}
    return {
        "proxy_location": "EveryNode",
        "http_options": {"host": "0.0.0.0", "port": _PORT},  # noqa: S104 - proxies are reached from outside
        "applications": [
            {
                "name": plan.name,
                "route_prefix": "/",
                "import_path": f"{_MODULE}:app",
                "deployments": [deployment],
            }
        ],
    }
