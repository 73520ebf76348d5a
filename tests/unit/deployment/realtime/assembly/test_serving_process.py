from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from millwright.core.clock import SystemClock
from millwright.core.errors import ConfigurationError
from millwright.core.line import Line
from millwright.deployment.realtime.assembly.serving_process import ServingProcess
from millwright.deployment.realtime.process.board import Board
from millwright.deployment.realtime.process.workers import Share
from millwright.deployment.realtime.serve_options import ServedChoice, ServeOptions

if TYPE_CHECKING:
    from collections.abc import Iterator


def process(workspace: Any, share: Share | None, *choices: ServedChoice) -> ServingProcess:
    return ServingProcess(
        ServeOptions(models=choices, log_predictions=False),
        stores=workspace.stores,
        registry=workspace.registry,
        clock=SystemClock(),
        features=None,
        share=share,
    )


@pytest.fixture
def ends() -> Iterator[tuple[Line, Line]]:
    pair = Line.pair()
    yield pair
    for each in pair:
        each.close()


def test_two_models_at_one_endpoint_are_refused(workspace):
    with pytest.raises(ConfigurationError, match="found 'delay' twice"):
        process(workspace, None, ServedChoice("delay@1"), ServedChoice("delay@2"))


def test_process_serves_what_the_others_do_whatever_the_alias_says(workspace, ends, tmp_path):
    parent, mine = ends
    share = Share(tmp_path, "host:1:1", Board(), 0, mine)
    told: list[Any] = []

    def welcome() -> None:
        while len(told) < 2:
            told.extend(parent.read() or ())
            share.heard({"welcome": {"delay": "delay@2"}})

    answering = threading.Thread(target=welcome)
    answering.start()
    found = process(workspace, share, ServedChoice("delay@champion"))
    answering.join(20)
    assert told == [{"join": {"delay": "delay@1"}}, {"join": {"delay": "delay@2"}}]
    assert found.state.slots[0].current.ref == "delay@2"
    found.app.path.close()
