from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.errors import IntegrityError
from millwright.governance.approval import GatesPassedPolicy
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from millwright.registry.promotion import PromotionPolicy
    from millwright.storage.base.artifacts import ArtifactStore

PASSED = {"passed": True, "results": [{"gate": "auc", "passed": True, "reason": "0.85 is above 0.8"}]}
FAILED = {
    "passed": False,
    "results": [
        {"gate": "auc", "passed": False, "reason": "0.70 is below 0.80."},
        {"gate": "size", "passed": True, "reason": ""},
    ],
}


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[ArtifactStore]:
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    yield stores.artifacts
    stores.close()


def objections(artifacts: ArtifactStore, report: Any, *decisions: bool) -> list[str]:
    policy: PromotionPolicy = GatesPassedPolicy(artifacts)
    documents = {} if report is None else {"gates.json": artifacts.put(json.dumps(report).encode())}
    version = sample.model_version(version=1, documents=documents)
    approvals = [sample.approval("delay", 1, approved=approved) for approved in decisions]
    return policy.check(version, "champion", approvals)


def test_version_may_go_ahead_when_its_gates_passed(artifacts: ArtifactStore) -> None:
    assert objections(artifacts, PASSED) == []


def test_version_may_not_when_a_gate_failed_and_the_gate_is_named(artifacts: ArtifactStore) -> None:
    assert objections(artifacts, FAILED) == ["Gate auc failed: 0.70 is below 0.80."]


@pytest.mark.parametrize("report", [{"passed": False}, {"passed": "yes"}, {}, {"passed": 1, "results": []}])
def test_version_may_not_when_the_report_does_not_say_that_it_passed(artifacts: ArtifactStore, report: Any) -> None:
    assert objections(artifacts, report) == ["Its gates failed."]


def test_version_may_not_without_a_report(artifacts: ArtifactStore) -> None:
    (objection,) = objections(artifacts, None)
    assert "no gate report" in objection


@pytest.mark.parametrize("report", [FAILED, None])
def test_approval_stands_in_for_the_gates(artifacts: ArtifactStore, report: Any) -> None:
    assert objections(artifacts, report, False, True) == []


def test_refusal_counts_more_than_passed_gates(artifacts: ArtifactStore) -> None:
    assert objections(artifacts, PASSED, True, False) == ["user:ada refused it: gut"]


def test_damaged_report_is_an_error_that_names_the_version(artifacts: ArtifactStore) -> None:
    with pytest.raises(IntegrityError, match="delay@1"):
        objections(artifacts, ["not", "an", "object"])
