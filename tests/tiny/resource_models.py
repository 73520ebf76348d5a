"""Custom resources as the Python packages of their projects know them, in a Python that has these packages.

`kserve` wants an older psutil than Millwright, so it cannot be installed beside it. RESOURCE_MODELS_PYTHON names the
interpreter of an environment with `kserve` and `cloudcoil-models-keda`; without it these tests say so and are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

PYTHON = os.environ.get("RESOURCE_MODELS_PYTHON", "")

needs_models = pytest.mark.skipif(
    not PYTHON,
    reason="RESOURCE_MODELS_PYTHON names no Python: python -m venv models; "
    "models/bin/pip install kserve cloudcoil-models-keda; RESOURCE_MODELS_PYTHON=models/bin/python",
)

# KServe's models say by name of what type each field is, and leave those of Kubernetes to its own client.
_KSERVE = """
import json, re, sys
import kserve.models
import kubernetes.client.models as core
PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float)}
RENAMED = {"K8sIoApiAppsV1DeploymentStrategy": "V1DeploymentStrategy"}
FREE = {"object", "IntOrString", "ResourceQuantity"}
def check(value, kind, where):
    kind = RENAMED.get(kind, kind)
    many = re.fullmatch(r"[Ll]ist\\[(.*)\\]", kind)
    named = re.fullmatch(r"[Dd]ict[(\\[]str, (.*)[)\\]]", kind)
    if many and isinstance(value, list):
        for number, each in enumerate(value):
            check(each, many[1], f"{where}[{number}]")
    elif named and isinstance(value, dict):
        for name, each in value.items():
            check(each, named[1], f"{where}.{name}")
    elif kind in FREE:
        pass
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            raise ValueError(f"{where} is {value!r}, not of the type {kind}")
    elif many or named or not isinstance(value, dict):
        raise ValueError(f"{where} is {value!r}, not of the type {kind}")
    else:
        model = getattr(kserve.models, kind, None) or getattr(core, kind)
        fields = {json_name: name for name, json_name in model.attribute_map.items()}
        for name, each in value.items():
            if name not in fields:
                raise ValueError(f"{where}.{name} is not known")
            check(each, model.openapi_types[fields[name]], f"{where}.{name}")
        model(**{fields[name]: each for name, each in value.items()})  # refuses what lacks a required field
check(json.load(sys.stdin), "V1beta1InferenceService", "service")
print("{}")
"""
# Reads a document into the models and writes it again: what they do not know is lost on the way.
_KEDA = """
import sys
from cloudcoil.models.keda.v1alpha1 import ScaledObject
print(ScaledObject.model_validate_json(sys.stdin.read()).model_dump_json(by_alias=True, exclude_unset=True))
"""


def check_inference_service(document: dict[str, Any]) -> None:
    """Whether an InferenceService fits KServe's models; raises a ValueError with the field that does not."""
    _read(_KSERVE, document)


def keda_reads(document: dict[str, Any]) -> dict[str, Any]:
    """A ScaledObject as KEDA's models have it; raises a ValueError with what they refuse."""
    return _read(_KEDA, document)


def _read(code: str, document: dict[str, Any]) -> dict[str, Any]:
    done = subprocess.run([PYTHON, "-c", code], input=json.dumps(document), capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(done.stderr[-600:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
