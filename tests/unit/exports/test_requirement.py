from __future__ import annotations

from importlib.metadata import version

import pytest
from packaging.requirements import Requirement

from millwright.exports.requirement import serving_requirements
from millwright.models.package import read_manifest


def versions_of(found):
    return {Requirement(line).name: str(Requirement(line).specifier) for line in found.pins}


def test_compiled_model_needs_onnx_runtime_and_not_its_library(late_visit):
    found = serving_requirements(read_manifest(late_visit[1]))
    versions = versions_of(found)
    assert versions["onnxruntime"] == f"=={version('onnxruntime')}"
    assert versions["uvicorn"] == f"=={version('uvicorn')}"
    assert {"scikit-learn", "skops", "optuna", "pytest", "mypy", "millwright"} & set(versions) == set()
    assert found.notes() == ()
    assert list(versions) == sorted(versions)


def test_every_need_of_a_need_is_pinned(late_visit):
    from importlib.metadata import requires

    names = set(versions_of(serving_requirements(read_manifest(late_visit[1]))))
    assert not {"deltalake", "pyarrow"} & names
    for name in names:
        for needed in map(Requirement, requires(name) or []):
            if needed.marker is None:
                assert needed.name.lower().replace("_", "-") in names, f"{name} needs {needed}"


@pytest.mark.parametrize(
    ("flavor", "needs", "system"),
    [
        ("sklearn", {"scikit-learn", "skops", "scipy"}, ()),
        ("lightgbm", {"lightgbm", "scipy"}, ("libgomp1",)),
        ("xgboost", {"xgboost-cpu"}, ()),
    ],
)
def test_model_that_is_not_compiled_needs_its_library(flavor, needs, system):
    found = serving_requirements({"flavor": flavor, "members": {"model": ""}})
    if flavor == "xgboost":
        needs = {"xgboost"} if is_installed("xgboost") else needs
    assert needs <= set(versions_of(found))
    assert found.system == system


def test_library_has_the_version_that_packaged_the_model():
    recorded = {"numpy": "2.1.0", "onnxruntime": version("onnxruntime"), "scikit-learn": "1.8.0"}
    found = serving_requirements({"flavor": "sklearn", "libraries": recorded, "members": {"model.onnx": ""}})
    assert versions_of(found)["numpy"] == "==2.1.0"
    assert "scikit-learn" not in versions_of(found)
    assert found.notes() == (f"numpy 2.1.0 packaged the model, {version('numpy')} is installed here.",)


def test_package_that_a_models_code_names_comes_along_with_its_needs():
    found = serving_requirements({"flavor": "python", "members": {}}, packages={"pandas": "2.3.0"})
    versions = versions_of(found)
    assert versions["pandas"] == "==2.3.0"
    assert "python-dateutil" in versions


def test_what_only_linux_needs_and_is_not_here_is_left_open(monkeypatch):
    from millwright.exports import requirement

    needs = {"millwright": ["only-there; sys_platform == 'linux'", "only-windows; os_name == 'nt'"]}
    monkeypatch.setattr(requirement, "_needs", lambda name: needs.get(name, []))
    found = serving_requirements({"flavor": "onnx", "members": {}})
    assert found.open == ("only-there",)
    assert "only-there is needed on Linux" in found.notes()[0]
    assert found.text() == "only-there\n"


def is_installed(name):
    from importlib.metadata import PackageNotFoundError

    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True
