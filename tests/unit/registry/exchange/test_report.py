from __future__ import annotations

import json

from millwright.registry.exchange.report import COUNTED, TransferReport


def test_report_is_json_and_not_good_with_a_difference():
    report = TransferReport(source="a", target="b")
    report.left_out.append("artifacts of x")
    assert json.loads(json.dumps(report.as_dict()))["ok"] is True
    assert set(report.seen) == set(COUNTED)
    report.differences.append("x")
    assert report.as_dict()["ok"] is False
