from __future__ import annotations

import importlib.metadata
from typing import Any

import pytest

import millwright as mw
from millwright.core.digest import digest_bytes
from millwright.core.errors import InvalidInputError
from millwright.pipelines.fingerprint.origin import package_version
from millwright.pipelines.runner.declared import canonical, declared_environment, declared_packages


def spec(name: str, *packages: str) -> Any:
    @mw.step(name=name, packages=packages)
    def step() -> int:
        return 1

    return step.spec


def test_version_of_a_declared_distribution_is_found_under_any_spelling() -> None:
    version = importlib.metadata.version("scikit-learn")
    found = declared_packages(
        [spec("train", "scikit-learn", "Scikit_Learn"), spec("clean"), spec("score", "millwright")]
    )
    assert found["scikit-learn"] == found["Scikit_Learn"] == f"scikit-learn=={version}"
    assert found["millwright"] == f"millwright=={package_version('millwright')}"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("scikit-lern", "Did you mean 'scikit-learn'? Or install it."),
        ("sklearn", "'sklearn' is a module; its distribution is 'scikit-learn'."),
        ("qqqqqqqqqq", "Install it."),
    ],
)
def test_distribution_that_is_not_installed_is_refused_with_advice(name: str, hint: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        declared_packages([spec("train", "numpy", name)])
    assert caught.value.message == (
        f"Step 'train' declares the package '{name}', and no distribution of that name is installed."
    )
    assert caught.value.hint == hint


def test_all_missing_distributions_are_told_at_once() -> None:
    with pytest.raises(InvalidInputError, match=r"Step 'a' declares .*'x1'; step 'b' declares .*'x2'"):
        declared_packages([spec("a", "x1"), spec("b", "x2")])


def test_environment_counts_by_digest_and_an_absent_variable_is_not_an_empty_one() -> None:
    found = declared_environment(["B", "A", "C"], {"A": "secret", "B": "", "D": "1"})
    assert found == {"A": digest_bytes(b"secret"), "B": digest_bytes(b""), "C": None}


def test_environment_is_the_process_s_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MW_TEST_REGION", "north")
    assert declared_environment(["MW_TEST_REGION"])["MW_TEST_REGION"] == digest_bytes(b"north")


def test_spellings_of_a_name_share_a_form() -> None:
    assert canonical("Ruamel.Yaml_clib") == "ruamel-yaml-clib"
