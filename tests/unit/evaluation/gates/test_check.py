from __future__ import annotations

from dataclasses import replace
from typing import Any

from millwright.evaluation.gates.check import GateSpec, check_gates
from millwright.evaluation.gates.file import default_gates
from millwright.models.task import Task


def test_check_passes_a_sound_model_by_the_default_gates(make_subject: Any):
    report = check_gates(default_gates(Task.BINARY), make_subject(package_size_bytes=10_000))

    assert report.passed
    assert [result.gate for result in report.results] == [spec.gate for spec in default_gates(Task.BINARY)]


def test_check_fails_when_one_gate_fails_and_still_runs_the_others(make_subject: Any):
    specs = [
        GateSpec(gate="threshold", params={"metric": "roc_auc", "min": 0.99}),
        GateSpec(gate="threshold", params={"metric": "roc_auc", "min": 0.5}),
    ]

    report = check_gates(specs, make_subject())

    assert not report.passed
    assert [result.passed for result in report.results] == [False, True]
    assert report.failed == report.results[:1]


def test_check_counts_a_gate_that_cannot_be_evaluated_as_failed(make_subject: Any):
    specs = [GateSpec(gate="size", params={"max_mb": 1}), GateSpec(gate="signature")]

    report = check_gates(specs, make_subject())

    assert [result.passed for result in report.results] == [False, True]
    assert report.results[0].reason == "The gate could not be evaluated: the size of the package is not known."


def test_check_counts_a_crashing_model_as_failed_by_every_gate_that_asks_it(make_subject: Any, binary_model: Any):
    class Broken:
        signature, engine = binary_model.signature, "formula"

        def predict_frame(self, _: Any) -> Any:
            raise RuntimeError("no more memory")

        predict_rows = predict_frame

    report = check_gates(
        [GateSpec(gate="determinism"), GateSpec(gate="latency", params={"p95_ms": 1}), GateSpec(gate="signature")],
        make_subject(challenger=Broken()),
    )

    assert [result.passed for result in report.results] == [False] * 3
    assert "RuntimeError: no more memory" in report.results[0].reason


def test_check_counts_wrong_settings_as_failed(make_subject: Any):
    report = check_gates([GateSpec(gate="size", params={"max_gb": 1})], make_subject())

    assert "has no setting 'max_gb'" in report.results[0].reason


def test_check_passes_when_there_are_no_gates(make_subject: Any):
    assert check_gates([], make_subject()).passed


def test_check_hands_the_seed_to_the_gates(make_subject: Any, binary_model: Any, binary_test: Any):
    flat = binary_model.predict(binary_test)
    subject = make_subject(champion=_Shifted(binary_model, flat))
    spec = GateSpec(gate="not_worse_than_champion", params={"draws": 100})

    first, second = (check_gates([spec], subject, seed=seed).results[0] for seed in (1, 2))

    assert first != second
    assert first == check_gates([spec], replace(subject, seed=1)).results[0]


class _Shifted:
    engine = "formula"

    def __init__(self, model: Any, answers: Any) -> None:
        self.signature, self._answers = model.signature, answers

    def predict_frame(self, _: Any) -> Any:
        return self._answers[-1:].vstack(self._answers[:-1])
