from __future__ import annotations

from millwright.deployment.realtime.process.parent_metrics import ParentMetrics
from millwright.deployment.realtime.process.shared_metrics import Family, SharedMetrics, encode
from millwright.deployment.realtime.process.swap_rounds import SwapRounds


def values(folder) -> dict[str, float]:
    merged = SharedMetrics(folder).merged([])
    return {sample.name: sample.value for metric in merged for sample in metric.samples if not sample.labels}


def test_parent_tells_how_many_are_wanted_and_how_long_a_cold_start_takes(tmp_path):
    metrics = ParentMetrics(tmp_path)
    metrics.take(SwapRounds(lambda *_: None, prepare_s=1.0), wanted=3)
    metrics.cold_start(0.5)
    metrics.cold_start(1.5)
    found = values(tmp_path)
    assert found["millwright_workers_wanted"] == 3
    assert (found["millwright_cold_start_seconds_count"], found["millwright_cold_start_seconds_sum"]) == (2, 2.0)
    assert found["millwright_last_cold_start_seconds"] == 1.5
    assert found["millwright_workers"] == 1  # the parent answers nothing


def test_counters_of_a_worker_that_has_ended_are_kept_and_its_file_is_not(tmp_path):
    counted = [
        Family("asked", "Requests.", "counter", [("asked_total", (), 4.0)]),
        Family("in_flight", "Now.", "gauge", [("in_flight", (), 2.0)]),
    ]
    metrics = ParentMetrics(tmp_path)
    for pid in (101, 102):
        (tmp_path / f"{pid}-x.json").write_bytes(encode(counted))
        metrics.keep(pid)
    found = values(tmp_path)
    assert found["asked_total"] == 8
    assert "in_flight" not in found
    assert [path.name for path in tmp_path.glob("*-x.json")] == []
