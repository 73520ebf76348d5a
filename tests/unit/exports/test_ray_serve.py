from __future__ import annotations

import os
import socket
import subprocess
import sys
from importlib.util import find_spec

import httpx
import pytest
import yaml

from millwright.core.progress import SilentProgress
from millwright.exports.folder import write_files
from millwright.exports.ray_serve import RayServeTarget, serve_config

ROWS = [{"load": 2.5, "crew": "a", "days": 3}]


def has_ray_serve():
    return all(find_spec(name) for name in ("ray", "grpc_reflection", "aiohttp_cors"))


needs_ray_serve = pytest.mark.skipif(
    not has_ray_serve(), reason="Ray Serve is not installed: pip install 'ray[serve]>=2.46,<3'"
)


@needs_ray_serve
def test_configuration_fits_rays_own_schema(planned):
    from pydantic import ValidationError
    from ray.serve.schema import DeploymentSchema, ServeApplicationSchema, ServeDeploySchema

    config = serve_config(planned(env={"A": "b"}))
    ServeDeploySchema.model_validate(config)
    (application,) = config["applications"]
    (deployment,) = application["deployments"]
    # The schema lets names pass that it does not know.
    assert set(config) <= set(ServeDeploySchema.model_fields)
    assert set(application) <= set(ServeApplicationSchema.model_fields)
    assert set(deployment) <= set(DeploymentSchema.model_fields)
    deployment["max_ongoing_requests"] = "many"
    with pytest.raises(ValidationError):
        ServeDeploySchema.model_validate(config)


def test_replicas_get_what_was_asked_for(planned):
    (application,) = serve_config(planned(cpu="500m", memory="1Gi", min_replicas=1, max_replicas=4))["applications"]
    (deployment,) = application["deployments"]
    assert deployment["ray_actor_options"] == {"num_cpus": 0.5, "memory": 2**30}
    scaling = deployment["autoscaling_config"]
    assert (scaling["min_replicas"], scaling["max_replicas"]) == (1, 4)
    assert deployment["graceful_shutdown_timeout_s"] > planned().drain_s


def test_application_and_configuration_belong_together(planned, tmp_path):
    target, plan = RayServeTarget(), planned()
    files = target.files(plan)
    (application,) = yaml.safe_load(files["serve.yaml"])["applications"]
    module, _, attribute = application["import_path"].partition(":")
    code = files[f"{module}.py"].decode()
    compile(code, "application.py", "exec")
    assert f"\n{attribute} = " in code
    assert f'name="{application["deployments"][0]["name"]}"' in code
    assert {"model/bundle.json", "model/package.zip", "requirements.txt"} <= set(files)
    assert target.commands(plan, tmp_path)[-1] == "serve run serve.yaml"


@needs_ray_serve
@pytest.mark.slow
def test_ray_serve_runs_the_application(planned, tmp_path):
    folder = tmp_path / "app"
    plan = planned(cpu="100m", memory="100Mi", min_replicas=1, max_replicas=1)
    write_files(RayServeTarget().files(plan), folder, progress=SilentProgress())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = (
        "import ray, sys; from ray import serve; from application import app; "
        "ray.init('local', num_cpus=2, include_dashboard=False, log_to_driver=False); "
        f"serve.start(http_options={{'host': '127.0.0.1', 'port': {port}}}); serve.run(app, name='late-visit'); "
        "print('READY', flush=True); sys.stdin.read(); serve.shutdown(); ray.shutdown()"
    )
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert any(line == "READY\n" for line in iter(process.stdout.readline, ""))
        answered = httpx.post(f"http://127.0.0.1:{port}/predict", json={"rows": ROWS}, timeout=60)
        process.stdin.close()
        assert process.wait(120) == 0
    assert answered.headers["x-model-version"] == "late-visit@1"
    assert answered.json()["predictions"][0]["prediction"] == "yes"
