from __future__ import annotations

from millwright.core.clock import ManualClock
from millwright.core.events import EventBus
from millwright.governance.approval import GatesPassedPolicy
from millwright.governance.history import model_history
from millwright.registry import Registry
from millwright.registry.source_draft import SourceDraft
from millwright.testing import sample


def test_history_tells_of_a_model_and_of_every_version_that_it_had(stores):
    registry = Registry(
        stores=stores,
        clock=ManualClock(sample.NOON),
        events=EventBus(),
        actor="user:ada",
        policy=GatesPassedPolicy(stores.artifacts),
    )
    assert model_history("a", stores=stores) == []
    registry.editor.create_model("a")
    for _ in range(3):
        registry.editor.add_version(SourceDraft(name="a", source="s3://x"))
    registry.editor.delete_version("a", 2)
    registry.editor.delete_model("a")
    told = [(entry.action, entry.subject) for entry in model_history("a", stores=stores)]
    assert told == [
        ("model.delete", "a"),
        ("model.delete_version", "a@2"),
        *(("model.register", f"a@{number}") for number in (3, 2, 1)),
        ("model.create", "a"),
    ]
