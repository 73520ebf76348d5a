from __future__ import annotations

import json
from typing import Any

import polars as pl

from millwright.core.digest import canonical_json
from millwright.monitoring.alarms import find_alarms
from millwright.monitoring.comparison import compare_window
from millwright.monitoring.document import report_document
from millwright.monitoring.reference import build_reference, load_reference
from millwright.monitoring.settings import MonitorSettings
from millwright.monitoring.window import Window, read_window


def test_document_is_json_with_everything_that_was_found(world: Any, draw_rows: Any):
    frame = draw_rows(300, seed=3, days=130)
    records = world.log(frame)
    reference = load_reference(build_reference(draw_rows(2000, seed=1), world.model, held_out=draw_rows(500, seed=2)))
    texts = [json.dumps(late) for late in frame["late"]]
    labels = pl.DataFrame({"prediction_id": [record.id for record in records], "value": texts})
    settings = MonitorSettings()
    rows = read_window(world.stores.predictions, "delay", Window(), now=world.clock.now())
    found = compare_window(rows, labels, (reference, world.model.signature), settings, ("a note",))
    document = json.loads(
        canonical_json(report_document(found, find_alarms(found, settings), settings, {"endpoint": "delay"}))
    )
    assert document["endpoint"] == "delay"
    assert document["rows"] == 300
    days = document["drift"][0]
    assert days["drifted"] is True
    assert sum(days["cells"]["current"]) == 300
    assert sum(days["cells"]["reference"]) == 2000
    assert len(days["cells"]["labels"]) == len(days["cells"]["current"])
    assert document["performance"]["labelled_rows"] == 300
    assert [finding["kind"] for finding in document["findings"]] == ["drift"]
    assert document["settings"]["drift"]["numeric"] == "psi"
    assert document["notes"] == ["a note"]
