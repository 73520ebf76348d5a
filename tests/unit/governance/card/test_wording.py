from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from millwright.governance.card.content import gather_card
from millwright.governance.card.wording import column_facts, lineage_lines, overview, score_of, training_summary
from millwright.governance.evidence import CandidateEvidence, TrainingEvidence
from millwright.models.signature import Signature
from millwright.models.task import Task


def test_column_facts_tell_what_training_saw():
    frame = pl.DataFrame(
        {
            "n": [1.5, 20.0, None] * 6,
            "c": [f"v{n % 9}" for n in range(18)],
            "d": [date(2025, 1, 1)] * 17 + [date(2025, 3, 1)],
            "b": [True] * 18,
        }
    )
    signature = Signature.infer(frame, pl.Series("y", [0, 1] * 9), Task.BINARY)
    assert column_facts(signature) == [
        ["n", "number", "no", "1.500 to 20"],
        ["c", "category", "yes", "v0, v1, v2, v3, v4, v5, v6, v7 and 1 more"],
        ["d", "date", "yes", "2025-01-01 to 2025-03-01"],
        ["b", "boolean", "yes", "-"],
    ]


def test_score_is_why_there_is_none_when_the_candidate_failed():
    assert score_of(CandidateEvidence(name="a", params={}, metrics={"roc_auc": 0.8123}), "roc_auc") == "0.812"
    assert score_of(CandidateEvidence(name="a", params={}, error="no"), "roc_auc") == "no"
    assert score_of(CandidateEvidence(name="a", params={}), "roc_auc") == "-"


def test_overview_and_lineage_name_version_run_data_and_code(house: Any):
    content = gather_card(house.register(), stores=house.stores)
    assert dict(overview(content))["Predicts"] == "late (binary)"
    lines = list(lineage_lines(content))
    assert any(line.startswith("delay run ") for line in lines)
    assert any("git c0ffee" in line for line in lines)
    assert any(line.startswith("dataset schedules@1, content ") for line in lines)


def test_model_that_was_fitted_elsewhere_won_no_search() -> None:
    brought = TrainingEvidence(run_id=None, run_params={}, trials=0, candidate="Booster", params={}, metric="")

    assert training_summary(brought) == "Booster was fitted without a search of Millwright's."
