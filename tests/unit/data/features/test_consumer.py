"""Who uses a definition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from millwright.core.records.audit import LineageEdge, NodeKind
from millwright.core.records.dataset import DatasetKind
from millwright.data.features.consumer import consumers
from millwright.data.features.definition import FeatureService


@pytest.mark.usefixtures("phases")
def test_models_trained_on_any_version_count(features, history, phases, clock) -> None:
    service = FeatureService("delay", [history])
    features.apply([service])
    rows = phases.select("building", event_timestamp="ended")
    saved = features.save(features.training_set(rows, "delay"), "training")
    edge = LineageEdge(
        source_kind=NodeKind.DATASET, source_id=saved.record.ref, relation="trained_on",
        target_kind=NodeKind.MODEL_VERSION, target_id="delay@3", at=clock.now(),
    )  # fmt: skip
    features.stores.lineage.add([edge])
    features.apply([replace(history, ttl=None)])
    for name, users in (("history", ("service/delay@1",)), ("entity/building", ("view/history@2", "service/delay@1"))):
        found = consumers(features.stores, features.lookup.find(name))
        assert found.definitions == users
        assert (found.datasets, found.models) == (("training@1",), ("delay@3",))


def test_nobody_uses_what_is_new(features, history, datasets, phases) -> None:
    datasets.write(phases, "phases", kind=DatasetKind.TABLE)
    features.apply([history])
    found = consumers(features.stores, features.lookup.find("history"))
    assert (found.definitions, found.datasets, found.models) == ((), (), ())
