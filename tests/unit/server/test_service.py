from __future__ import annotations

from millwright.monitoring.monitor import Monitor
from millwright.registry.registry import Registry
from millwright.server.service import services_of


def test_services_are_what_a_workspace_has(control):
    workspace = control.workspace
    services = services_of(workspace)
    assert isinstance(services.registry, Registry)
    assert isinstance(services.monitor, Monitor)
    assert services.registry.resolve("late-visit@champion").version == 1
