from __future__ import annotations

from datetime import UTC, datetime

from millwright.governance.explanation import Explanation, VersionExplanation

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BARE = VersionExplanation(
    ref="delay@1",
    id="x",
    state="candidate",
    aliases=(),
    registered_at=AT,
    registered_by="ada",
    package="f" * 64,
    size_bytes=1234,
    flavor="sklearn",
    task="binary",
    target="late",
    compilation={},
    metrics={},
)


def test_version_text_leaves_out_parts_that_are_not_there():
    assert list(BARE.to_text()) == [
        "Model delay@1 (candidate)",
        "  registered 2026-01-02 03:04:05 UTC by ada",
        "  predicts late (binary); package ffffffffffffffff, 1,234 bytes",
        "  test metrics: -",
        "Gates (no report)",
    ]


def test_prediction_text_says_when_the_version_carried_no_alias():
    found = Explanation(
        prediction_id="p",
        endpoint="delay",
        at=AT,
        model="delay@1",
        features={},
        outputs={"prediction": 1},
        latency_ms=0.5,
        version=BARE,
    )
    lines = list(found.to_text())
    assert "  model delay@1, which carried no alias then" in lines
    assert not any("truth" in line or "key" in line for line in lines)
