from __future__ import annotations

from datetime import UTC, datetime

from millwright.core.ids import PredictionId
from millwright.deployment.realtime.log_entry import entries_size, entry_columns

AT = datetime(2026, 3, 1, tzinfo=UTC)
ENTRIES = [
    ("site", PredictionId("a"), "delay", 1, AT, '{"days":1}', '{"prediction":"no"}', 0.5, "r1", None),
    ("site", PredictionId("b"), "delay", 2, AT, '{"days":2}', '{"prediction":"yes"}', 0.6, "r2", "k"),
]


def test_entries_become_columns():
    (columns,) = entry_columns(ENTRIES)
    assert (columns.endpoint, columns.id, columns.version, columns.key) == ("site", ("a", "b"), (1, 2), (None, "k"))
    assert columns[1].features == {"days": 2}
    assert columns[1].outputs == {"prediction": "yes"}
    assert (columns[1].latency_ms, columns[1].request_id, columns[1].at) == (0.6, "r2", AT)


def test_size_grows_with_the_texts():
    assert entries_size([]) == 0
    assert entries_size(ENTRIES) - 2 * entries_size([(*ENTRIES[0][:5], "", "", *ENTRIES[0][7:])]) == 20 + 39


def test_entries_of_several_endpoints_become_one_part_each():
    other = [("other", *entry[1:]) for entry in ENTRIES]
    parts = entry_columns([other[0], *ENTRIES, other[1]])
    assert [(part.endpoint, part.id) for part in parts] == [("other", ("a", "b")), ("site", ("a", "b"))]
