from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.ids import RunId
from millwright.core.records.experiment import ExperimentRecord
from millwright.core.records.run import RunRecord, RunStatus
from millwright.governance.approval_rule import ApprovalRulePolicy, ApprovalRules, makers_of, roles_of
from millwright.storage.catalog import open_stores
from millwright.testing import sample

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION = replace(sample.model_version("a", version=1), created_by="user:ada", run_id=None)
ROLES = {"user:bob": {"approver"}, "user:cy": {"viewer"}}


class Fine:
    def check(self, version: Any, alias: str, approvals: Sequence[Any]) -> list[str]:
        del version, alias, approvals
        return []


def objections(rules: ApprovalRules, *decisions: str) -> list[str]:
    policy = ApprovalRulePolicy(
        rules, Fine(), makers_of=lambda version: {version.created_by}, roles_of=lambda actor: ROLES.get(actor, set())
    )
    records = [
        replace(sample.approval("a", 1, approved=not each.startswith("-")), actor=f"user:{each.removeprefix('-')}")
        for each in decisions
    ]
    return policy.check(VERSION, "champion", records)


def test_nothing_is_asked_by_default():
    assert objections(ApprovalRules()) == []


@pytest.mark.parametrize(
    ("decisions", "given"),
    [((), 0), (("bob",), 1), (("bob", "bob"), 1), (("bob", "-ada"), 0), (("-ada", "bob"), 1)],
)
def test_different_people_are_counted_since_the_last_refusal(decisions, given):
    assert f"{given} of 2 approvals" in objections(ApprovalRules(needed=2), *decisions)[0]


def test_enough_approvals_are_enough():
    assert objections(ApprovalRules(needed=2), "bob", "ada") == []


def test_who_registered_a_version_does_not_count_with_four_eyes():
    told = objections(ApprovalRules(four_eyes=True), "ada")
    assert told == [
        "It has 0 of 1 approvals that count (nobody).",
        "user:ada registered or trained it, so somebody else has to approve.",
    ]
    assert objections(ApprovalRules(four_eyes=True), "ada", "bob") == []


def test_approver_needs_a_role_when_roles_are_named():
    rules = ApprovalRules(needed=1, roles=("approver", "admin"))
    assert objections(rules, "cy")[1] == "user:cy has none of the roles approver, admin."
    assert objections(rules, "cy", "bob") == []


def test_makers_are_who_registered_and_who_trained(tmp_path):
    stores = open_stores(
        records_url=f"sqlite:///{tmp_path}/x.db", artifacts_url=f"{tmp_path}/a", predictions_url=f"{tmp_path}/p"
    )
    experiment = stores.experiments.create(ExperimentRecord(id="", name="e", created_at=sample.NOON))  # type: ignore[arg-type]
    run = RunRecord(
        id=RunId("r"),
        experiment_id=experiment.id,
        name="",
        status=RunStatus.RUNNING,
        started_at=sample.NOON,
        user="bob",
    )
    stores.runs.create_run(run)
    assert makers_of(stores)(replace(VERSION, run_id=RunId("r"))) == {"user:ada", "user:bob", "bob"}
    assert makers_of(stores)(replace(VERSION, run_id=RunId("gone"))) == {"user:ada"}
    assert roles_of(stores)("user:nobody") == set()
    stores.close()
