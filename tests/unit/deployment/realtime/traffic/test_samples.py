from __future__ import annotations

from millwright.deployment.realtime.arm import Arm
from millwright.deployment.realtime.prediction import Prediction
from millwright.deployment.realtime.traffic.samples import OutputSamples


def test_first_row_of_each_request_is_kept_by_arm(make_served):
    first, second, samples = Arm(make_served(1)), Arm(make_served(2)), OutputSamples()
    for arm, values in ((first, [0.1, 0.9]), (second, [0.5]), (first, [0.3])):
        outputs = [{"prediction": value} for value in values]
        samples.offer(arm, "r", outputs, Prediction(arm.served, outputs, ["id"] * len(outputs)))
    assert samples.take() == {first: [{"prediction": 0.1}, {"prediction": 0.3}], second: [{"prediction": 0.5}]}
    assert samples.take() == {}


def test_memory_is_bounded(make_served):
    arm, samples = Arm(make_served(1)), OutputSamples()
    for number in range(50_010):
        samples.offer(arm, "r", [], Prediction(arm.served, [{"prediction": number}], ["id"]))
    kept = samples.take()[arm]
    assert (len(kept), kept[0]) == (50_000, {"prediction": 10})
