from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from millwright.cli.rollout import rollouts_of
from millwright.core.ids import PredictionId, new_id
from millwright.core.records.prediction import LabelRecord, PredictionRecord
from millwright.core.records.rollout import RolloutEvidence
from millwright.deployment.traffic.tally import Comparison, Tally
from millwright.registry.draft import VersionDraft
from millwright.workspace.workspace import Workspace

MODEL = "late-visit"


@pytest.fixture
def two(trained) -> Any:
    """The project, with a version 2 beside the champion."""
    with Workspace.open(trained) as workspace:
        first = workspace.registry.resolve(f"{MODEL}@1")
        package = workspace.stores.artifacts.put(b"another package")
        draft = VersionDraft(
            name=MODEL, package=package, size_bytes=9, flavor=first.flavor, signature=dict(first.signature)
        )
        version = workspace.registry.register(draft)
        workspace.registry.approve(MODEL, version.version, reason="a test")
    return trained


def tell(project: Any, which: str, **arms: Tally) -> None:
    with Workspace.open(project) as workspace:
        record = rollouts_of(workspace).find(which)
        workspace.stores.rollouts.put_evidence(
            [
                RolloutEvidence(
                    rollout_id=record.id, step=record.step, arm=name, process="a", updated_at=workspace.clock.now(),
                    counts=tally.to_json(),
                )
                for name, tally in arms.items()
            ]
        )  # fmt: skip


def counted(answered: int, **counts: int) -> Tally:
    tally = replace(Tally(answered=answered, seconds=answered * 0.002), **counts)
    tally.latencies[20] = answered
    return tally


def test_canary_whose_promotion_would_be_refused_is_told_of_at_its_beginning(trained, mw):
    with Workspace.open(trained) as workspace:
        first = workspace.registry.resolve(f"{MODEL}@1")
        package = workspace.stores.artifacts.put(b"nobody judged it")
        workspace.registry.register(
            VersionDraft(
                name=MODEL, package=package, size_bytes=9, flavor=first.flavor, signature=dict(first.signature)
            )
        )
    told = "It has no gate report (gates.json) and nobody approved it."
    begun = mw(trained, "deploy", f"{MODEL}@2", "--canary", "10m").out
    assert f"! As it stands, late-visit@2 may not become champion: {told}" in " ".join(begun.split())
    assert "Next: mw models approve late-visit@2\n" in begun
    mw(trained, "rollout", "abort", MODEL)
    assert mw(trained, "deploy", f"{MODEL}@2", "--shadow", "--json").json["objections"] == []
    mw(trained, "rollout", "abort", MODEL)
    assert mw(trained, "deploy", f"{MODEL}@2", "--canary", "10m", "--json").json["objections"] == [told]


def test_canary_is_begun_shown_advanced_and_aborted(two, mw):
    begun = mw(two, "deploy", f"{MODEL}@2", "--canary", "10m", "--at", "10,50,100", "--min-requests", "300")
    assert begun.out.startswith(
        "✓ The canary of 'late-visit' has begun: primary version 1 90 %, canary version 2 10 %.\n"
    )
    assert "Steps: 10 %, 50 %, 100 %; each lasts at least 600 s and 300 requests." in begun.out
    assert "mw rollout status late-visit" in begun.out
    assert "may not become" not in begun.out
    tell(two, MODEL, primary=counted(900, failed=1), canary=counted(100, refused=2))
    shown = mw(two, "rollout", "status", MODEL)
    assert "canary of 'late-visit' (late-visit@champion): running, step 1 of 3" in shown.out
    document = mw(two, "rollout", "status", MODEL, "--json").json
    assert document["step"]["canary"]["answered"] == 100
    assert document["rollout"]["limits"]["min_requests"] == 300
    assert mw(two, "rollout", "advance", MODEL).out.startswith(
        "✓ The canary of 'late-visit' is running: primary version 1 50 %, canary version 2 50 %.\n"
    )
    assert mw(two, "rollout", "pause", MODEL, "--json").json["state"] == "paused"
    assert mw(two, "rollout", "resume", MODEL, "--json").json["state"] == "running"
    assert mw(two, "rollout", "abort", MODEL, "--reason", "not today", "--json").json["state"] == "rolled_back"
    listed = mw(two, "rollout", "list", "--json").json
    assert [(each["endpoint"], each["decision"]["reason"]) for each in listed] == [(MODEL, "not today")]
    assert "not today" in mw(two, "rollout", "list", MODEL).out
    actions = [each["action"] for each in mw(two, "audit", "list", "--subject", MODEL, "--json").json]
    assert {"rollout.start", "rollout.advance", "rollout.pause", "rollout.resume", "rollout.roll_back"} <= set(actions)


def test_promotion_moves_the_alias(two, mw):
    mw(two, "deploy", f"{MODEL}@2", "--split", "90,10")
    changed = mw(two, "rollout", "weigh", MODEL, "50,50", "--json").json
    assert [arm["weight"] for arm in changed["arms"]] == [50.0, 50.0]
    # Its gates did not pass, for it has none.
    refused = mw(two, "rollout", "promote", MODEL)
    promoted = refused if not refused.code else mw(two, "rollout", "promote", MODEL, "--force")
    assert promoted.code == 0
    with Workspace.open(two) as workspace:
        assert workspace.registry.resolve(f"{MODEL}@champion").version == 2


def test_comparison_of_outcomes_is_reported(two, mw):
    mw(two, "deploy", f"{MODEL}@2", "--ab")
    with Workspace.open(two) as workspace:
        at, records, labels = workspace.clock.now(), [], []
        for number in range(80):
            version, is_late = number % 2 + 1, number % 4 < 2
            score = (0.9 if is_late else 0.1) if version == 2 else 0.3 + number / 200
            records.append(
                PredictionRecord(
                    id=PredictionId(new_id()), endpoint=MODEL, model=MODEL, version=version, at=at, features={},
                    outputs={"prediction": "yes" if score > 0.5 else "no", "probability": score}, latency_ms=1.0,
                )
            )  # fmt: skip
            labels.append(
                LabelRecord(
                    prediction_id=records[-1].id, value="yes" if is_late else "no", observed_at=at, recorded_at=at
                )
            )
        workspace.stores.predictions.append(records)
        workspace.stores.predictions.append_labels(MODEL, labels)
    shown = mw(two, "rollout", "report", MODEL)
    assert "challenger is better" in shown.out
    assert "roc_auc" in shown.out
    arms = mw(two, "rollout", "report", MODEL, "--json").json["arms"]
    assert [(arm["name"], arm["labelled"]) for arm in arms] == [("champion", 40), ("challenger", 40)]
    assert arms[1]["metrics"]["roc_auc"] == 1.0


def test_shadow_is_compared_in_the_report(two, mw):
    mw(two, "deploy", f"{MODEL}@2", "--shadow")
    shadow = Comparison(compared=10, agreed=9, numeric=10, difference=0.5, absolute=1.0, shed=2)
    tell(two, MODEL, shadow=Tally(shadow=shadow))
    shown = mw(two, "rollout", "report", MODEL)
    assert "shadow: compared 10, agreement 0.9, mean difference 0.05, mean absolute difference 0.1" in shown.out
    assert "mw labels add late-visit" in shown.out
    assert mw(two, "rollout", "status", MODEL).code == 0


def test_there_are_no_rollouts_at_first(trained_once, mw):
    assert mw(trained_once, "rollout", "list").out.startswith("There are no rollouts.\n")
    missing = mw(trained_once, "rollout", "status", MODEL)
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert "mw deploy MODEL@VERSION --canary 10m" in missing.err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--canary", "10m", "--ab"), "Expected one way to bring a version in, found --canary, --ab"),
        (("--split", "90,20"), "whose sum is 100, found 90, 20"),
        (("--split", "most"), "Expected --split as numbers separated by commas, found 'most'"),
        (("--canary", "soon"), "Expected a span of time above zero, found 'soon'"),
        (("--canary", "1m", "--at", "50,10"), "rise from above 0 to 100"),
        (("--endpoint", "here"), "found --endpoint"),
    ],
)
def test_wrong_call_is_one_line_that_says_what_to_do(two, mw, options, told):
    answer = mw(two, "deploy", f"{MODEL}@2", *options)
    assert answer.code == 1
    assert told in answer.err
    assert answer.err.count("\n") == 1
    assert mw(two, "rollout", "list", "--json").json == []


def test_second_rollout_at_an_endpoint_is_refused(two, mw):
    mw(two, "deploy", f"{MODEL}@2", "--shadow")
    answer = mw(two, "deploy", f"{MODEL}@2", "--canary", "10m")
    assert answer.code == 1
    assert "has an open rollout already" in answer.err
    assert "mw rollout abort late-visit" in answer.err
