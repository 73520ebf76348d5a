from __future__ import annotations

import sys

import pytest

from millwright.core.errors import MissingExtraError
from millwright.monitoring.concept.detector import DETECTORS, make_detector


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_takes_each_of_its_parameters(name: str):
    parameters = {key: 10.0 if whole else 0.5 for key, whole in DETECTORS[name].parameters.items()}
    detector = make_detector(name, parameters)
    detector.update(0.0)
    assert not detector.drift_detected
    for key, value in parameters.items():
        assert getattr(detector, key) == value


def test_error_names_the_extra_when_river_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "river.drift", None)
    with pytest.raises(MissingExtraError, match=r"millwright\[river\]"):
        make_detector("adwin", {})
