"""The models of a project that learn online."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from millwright.automation.online import OnlineLearner
    from millwright.workspace.workspace import Workspace


def learners(workspace: Workspace) -> dict[str, OnlineLearner]:
    """A learner for each declared model, by the declaration's name."""
    from millwright.automation.online import OnlineLearner

    return {
        name: OnlineLearner(
            section.declaration(name),
            stores=workspace.stores,
            registry=workspace.registry_as("online"),
            clock=workspace.clock,
            events=workspace.events,
        )
        for name, section in workspace.settings.learning.items()
    }
