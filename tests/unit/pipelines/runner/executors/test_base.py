from __future__ import annotations

from typing import TYPE_CHECKING

import millwright as mw
from millwright.pipelines.runner.executors.base import Executor, Job, Outcome

if TYPE_CHECKING:
    from millwright.pipelines.graph.node import Node


@mw.step
def one() -> int:
    return 1


@mw.pipeline
def demo() -> None:
    one()


class Two(Executor):
    name, capacity = "two", 2

    def submit(self, job: Job) -> None: ...

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:  # noqa: ARG002
        return []

    def close(self) -> None: ...


def test_executor_takes_as_many_steps_as_it_has_room_for() -> None:
    node: Node = demo.bind({}).nodes[0]
    assert [Two().takes(node, [node] * busy) for busy in range(3)] == [True, True, False]
