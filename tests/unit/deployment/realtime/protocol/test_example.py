from __future__ import annotations

from datetime import date

from millwright.deployment.realtime.protocol.example import example_row
from millwright.deployment.realtime.served_model import ServedModel


def test_example_fits_the_signature_when_the_package_has_none(serving, signature):
    served = ServedModel(serving.slot.current.record, serving.predictor)
    assert signature.check_rows([example_row(served)]) == []


def test_recorded_row_is_shown_as_json_has_it(serving):
    recorded = {"start": date(2026, 1, 31), "days": float("nan")}
    served = ServedModel(serving.slot.current.record, serving.predictor, example=(recorded,))
    assert example_row(served) == {"start": "2026-01-31", "days": None}
