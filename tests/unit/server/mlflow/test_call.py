from __future__ import annotations

from millwright.server.mlflow.call import Call
from millwright.server.service import services_of


def test_call_gives_stores_time_query_and_a_registry_in_the_callers_name(wire):
    services = services_of(wire.workspace)
    call = Call(services=services, actor="user:ada", query=(("a", "1"), ("a", "2")))
    assert call.stores is wire.workspace.stores
    assert (call.argument("a"), call.argument("b", "none")) == ("1", "none")
    assert call.now().tzinfo is not None
    assert call.registry is not services.registry
