from __future__ import annotations

import platform
from dataclasses import replace
from importlib.metadata import version

import pytest

from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.serve_options import ServeOptions
from millwright.exports.image import dockerfile
from millwright.exports.plan import ExportOptions, plan_serving, resource_name
from millwright.models.adoption import adopt
from millwright.models.function import PythonFunction
from millwright.models.package import pack
from unit.models.functions import ROWS, delay_module


def test_plan_names_the_image_after_the_version_and_this_python(planned):
    plan = planned()
    assert (plan.ref, plan.name, plan.image) == ("late-visit@1", "late-visit", "late-visit:1")
    assert plan.base == f"python:{platform.python_version()}-slim"
    assert plan.memory == "516Mi"  # 512, and four times the package, which is below 1 MiB
    assert plan.drain_s == ServeOptions(models=()).drain_seconds


def test_plan_takes_what_was_chosen(planned):
    plan = planned(image="registry.example.com:5000/team/late:3", base="python:3.12-slim", cpu="250m", memory="1.5Gi")
    assert (plan.image, plan.base) == ("registry.example.com:5000/team/late:3", "python:3.12-slim")
    assert (plan.cpu_cores, plan.memory_bytes) == (0.25, 1.5 * 2**30)
    assert planned(cpu="2", memory="500M").cpu_cores == 2
    assert planned(memory="500M").memory_bytes == 500_000_000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"image": "Late Visit"}, "an image"),
        ({"image": "late:1\nRUN rm"}, "an image"),
        ({"base": "python 3"}, "an image to build on"),
        ({"namespace": "My_Models"}, "a namespace"),
        ({"cpu": "two"}, "an amount of CPU"),
        ({"memory": "1GB"}, "an amount of memory"),
        ({"env": {"A B": "x"}}, "the name of a variable"),
        ({"min_replicas": 3, "max_replicas": 2}, "found 3 to 2"),
        ({"min_replicas": 0}, "at least 1 replicas"),
        ({"min_replicas": 0, "max_replicas": 0, "mode": "knative"}, "found 0 to 0"),
    ],
)
def test_option_of_the_wrong_form_is_refused(options, message):
    with pytest.raises(InvalidInputError, match=message) as refused:
        ExportOptions(**options)
    assert refused.value.hint or "replicas" in message or "found 0" in message


def test_knative_may_stop_the_last_process():
    assert ExportOptions(min_replicas=0, mode="knative").min_replicas == 0


@pytest.mark.parametrize(
    ("model", "name"),
    [("Schedule delay_v2", "schedule-delay-v2"), ("2nd", "model-2nd"), ("żółć", "model"), ("a" * 80, "a" * 63)],
)
def test_name_fits_hosts_and_kubernetes(model, name):
    assert resource_name(model) == name


def test_model_that_is_code_brings_its_packages_and_is_allowed_to_run(late_visit, tmp_path, monkeypatch):
    module = delay_module(tmp_path, monkeypatch)
    function = PythonFunction(model=module.Delay, artifacts=tmp_path / "artifacts", params={"factor": 2.0})
    package = pack(adopt(function, ROWS))
    plan = plan_serving(replace(late_visit[0], flavor="python", package=digest_bytes(package)), package)
    assert plan.runs_code
    assert f"scikit-learn=={version('scikit-learn')}" in plan.requirements.pins
    assert 'MILLWRIGHT_MODELS__ALLOW_CODE="true"' in dockerfile(plan)


def test_model_that_is_no_code_is_not_allowed_to_run_any(planned):
    assert not planned().runs_code
    assert "ALLOW_CODE" not in dockerfile(planned())
