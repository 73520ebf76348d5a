from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest
from river.drift import ADWIN

from millwright.core.errors import InvalidInputError
from millwright.core.ids import PredictionId
from millwright.monitoring.concept import ConceptSettings, ConceptWatch, ErrorPoint

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 1, 15, tzinfo=UTC)


def stream(*parts: tuple[int, float], seed: int = 0) -> list[ErrorPoint]:
    """So many errors at such a rate, a second apart."""
    generator = np.random.default_rng(seed)
    values = np.concatenate([generator.random(rows) < rate for rows, rate in parts]).astype(float)
    return [
        ErrorPoint(value=value, at=START + timedelta(seconds=number), prediction_id=PredictionId(f"p{number}"))
        for number, value in enumerate(values.tolist())
    ]


def test_watch_reports_nothing_of_an_even_rate():
    found = [ConceptWatch().feed(stream((20_000, 0.1), seed=seed)) for seed in range(3)]
    assert found == [[], [], []]


def test_watch_names_when_errors_rose_and_from_which_prediction_on():
    drifts = ConceptWatch().feed(stream((3_000, 0.1), (1_000, 0.3)))
    first = drifts[0]
    assert first.worse
    assert (first.before, first.after) == (pytest.approx(0.1, abs=0.02), pytest.approx(0.3, abs=0.1))
    changed = int((first.changed.prediction_id or "").removeprefix("p"))
    detected = int((first.detected.prediction_id or "").removeprefix("p"))
    assert changed == pytest.approx(3_000, abs=60)
    assert 3_000 < detected < 3_200
    assert first.changed.at == START + timedelta(seconds=changed)
    assert len(drifts) == 1


def test_watch_tells_a_fall_from_a_rise():
    drifts = ConceptWatch().feed(stream((2_000, 0.4), (1_000, 0.1)))
    assert [drift.worse for drift in drifts] == [False]


@pytest.mark.parametrize("detector", ["adwin", "page_hinkley", "ddm"])
def test_every_detector_finds_a_jump_within_the_rows_that_it_takes(detector: str):
    parameters = {"threshold": 20.0} if detector == "page_hinkley" else {}
    watch = ConceptWatch(ConceptSettings(detector=detector, parameters=parameters))
    delays = []
    for seed in range(5):
        drifts = watch.feed([ErrorPoint(value=point.value) for point in stream((1_000, 0.05), seed=seed)])
        before = watch.rows
        for point in stream((400, 0.5), seed=seed + 100):
            drifts = watch.feed([ErrorPoint(value=point.value)])
            if drifts:
                break
        delays.append(watch.rows - before)
        watch = ConceptWatch(watch.settings)
    assert max(delays) < 100


def test_watch_of_adwin_is_sure_when_rivers_is():
    points = stream((1_500, 0.1), (500, 0.5))
    detector = ADWIN()
    expected = -1
    for number, point in enumerate(points):
        detector.update(point.value)
        if detector.drift_detected:
            expected = number
            break
    assert ConceptWatch().feed(points)[0].detected.prediction_id == f"p{expected}"


@pytest.mark.parametrize("cuts", [(1,), (1_700,), (2_150, 2_151), (5_200, 7_000)])
@pytest.mark.parametrize("detector", ["adwin", "page_hinkley", "ddm"])
def test_stored_watch_goes_on_as_if_it_had_never_stopped(cuts: Sequence[int], detector: str):
    points = stream((2_000, 0.1), (500, 0.4), (6_000, 0.1), (500, 0.6))
    whole = ConceptWatch(ConceptSettings(detector=detector))
    expected = whole.feed(points)
    watch = ConceptWatch(ConceptSettings(detector=detector))
    found = []
    for start, end in zip((0, *cuts), (*cuts, len(points)), strict=True):
        found += watch.feed(points[start:end])
        watch = ConceptWatch.from_json(json.loads(json.dumps(watch.to_json())))
    assert found == expected
    assert watch.to_json() == whole.to_json()


def test_watch_keeps_a_bounded_number_of_rows():
    watch = ConceptWatch()
    watch.feed(stream((12_000, 0.1)))
    assert watch.rows == 12_000
    assert len(watch.to_json()["values"]) < 5_000


def test_errors_out_of_order_are_refused():
    watch = ConceptWatch()
    watch.feed([ErrorPoint(value=0, at=START)])
    with pytest.raises(InvalidInputError, match="order of time"):
        watch.feed([ErrorPoint(value=0, at=START - timedelta(seconds=1))])


def test_errors_that_the_detector_does_not_take_are_refused():
    with pytest.raises(InvalidInputError, match="finite"):
        ConceptWatch().feed([ErrorPoint(value=float("nan"))])
    with pytest.raises(InvalidInputError, match="0 or 1"):
        ConceptWatch(ConceptSettings(detector="ddm")).feed([ErrorPoint(value=0.5)])


@pytest.mark.parametrize(
    "data", [{"format": 2}, {"format": 1}, {"format": 1, "settings": {"detector": "adwin", "delta": 3}}]
)
def test_something_else_than_a_stored_watch_is_refused(data: dict[str, object]):
    with pytest.raises(InvalidInputError, match="Expected"):
        ConceptWatch.from_json(data)
