from __future__ import annotations

import asyncio
from typing import Any

import pytest

from millwright.core.clock import SystemClock
from millwright.deployment.realtime.assembly.endpoint import EndpointParts, ServedEndpoint
from millwright.deployment.realtime.loader import load_served
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions

CHOICE = ServedChoice("delay@champion")


@pytest.fixture
def endpoint(workspace: Any) -> ServedEndpoint:
    parts = EndpointParts(
        stores=workspace.stores,
        registry=workspace.registry,
        clock=SystemClock(),
        load=lambda record: load_served(record, workspace.stores.artifacts, prefer_onnx=True, allow_code=False),
    )
    return ServedEndpoint(CHOICE, ServeOptions(models=(CHOICE,)), parts, None)


def test_endpoint_begins_with_what_the_selector_names_under_the_models_name(endpoint):
    assert (endpoint.slot.endpoint, endpoint.slot.current.ref) == ("delay", "delay@1")


def test_endpoint_takes_over_what_others_serve(endpoint):
    before = endpoint.slot.current
    endpoint.begin_with("delay@1")
    assert endpoint.slot.current is before
    endpoint.begin_with("delay@2")
    assert endpoint.slot.current.ref == "delay@2"


def test_endpoint_follows_the_alias_until_cancelled(endpoint, workspace):
    endpoint.begin()
    workspace.registry.promote("delay", 2, reason="a test")

    async def run() -> None:
        following = asyncio.create_task(endpoint.follow(0.01))
        while endpoint.slot.current.ref != "delay@2":  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    asyncio.run(asyncio.wait_for(run(), 20))
    endpoint.rollouts.close()
