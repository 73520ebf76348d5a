"""One model behind HTTP beside BentoML, LitServe, Ray Serve, MLServer, MLflow's scoring server and plain FastAPI.

Needs interpreters with `bentoml`, `litserve`, `ray[serve]`, `mlserver mlserver-sklearn`, `mlflow` and
`fastapi uvicorn[standard]`, all with the scikit-learn of this environment, in `BENTOML_PYTHON`, `LITSERVE_PYTHON`,
`RAY_PYTHON`, `MLSERVER_PYTHON`, `MLFLOW_SERVING_PYTHON` and `FASTAPI_PYTHON`; a peer without its variable is left out.
`SERVING_REQUESTS` says how many requests a server is sent at a time (2,000; twelve times that where ours is compared
with itself and with bare uvicorn; fewer where they would take longer than three seconds), `SERVING_ROUNDS` how many
rounds there are (3).

All serve the same pipeline of scikit-learn (imputer, scaler, logistic regression over ten numbers), with one process
that predicts, and answer the same rows in the body that they document; their answers are compared with the pipeline's
before anything is timed. Processor time and memory are those of a server's whole tree of processes. Ours, with and
without the log of predictions, and bare uvicorn are kept to one processor and the client to another. At half load
they are sent half as many requests a second as they have just answered to 32 callers, at a fixed rate over eight
connections by `hey` (Debian's package of that name), since a client in Python is the limit at such rates; without it by
our own client, at random times, and each one's time runs from when it was due.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.serving.client import ask, ask_in_turn, ask_steadily
from benchmarks.serving.field import COLD_START, FIGURES, HALF_LOAD, MEMORY, MEMORY_LATER, ONE_ROW, WIDE, Field
from benchmarks.serving.model import expected, make_model, wide_rows
from benchmarks.serving.running import on_processors, start
from benchmarks.serving.stack import BARE, GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.result import Comparison, Result
    from benchmarks.serving.client import Asked
    from benchmarks.serving.running import Running
    from benchmarks.serving.shape import Rows
    from benchmarks.serving.stack import Stack

_ROWS_AT_ONCE, _WIDE_REQUESTS = 10_000, 5
_HALF_LOAD_S = 6.0  # more than the log waits before it writes
_TURNS = 2  # of a server in a round; twice that where several are compared closely
# Times as many requests there: what is compared differs by some microseconds, and what is written behind the answers
# costs some milliseconds each time, which some thousand rows share where a server is busy.
_CLOSER = 12
_SECONDS = 3.0  # a slow server is sent no more requests at a time than it answers in these
_TOLERANCE = 1e-5  # of probabilities: ours are computed in 32 bits


class Visit:
    """Asks one group of servers after the other, and keeps what it finds.

    Args:
        folder: Of the model.
        rows: What is asked for.
        requests: How many are sent at a time.
    """

    def __init__(self, folder: Path, rows: Rows, requests: int) -> None:
        self.found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._folder = folder
        self._rows, self._wide = rows, wide_rows(rows, _ROWS_AT_ONCE)
        self._answers = {id(each): expected(folder, each) for each in (self._rows, self._wide)}
        self._requests = requests

    def group(self, stacks: list[Stack]) -> None:
        """Start servers, measure them in turn, and end them."""
        every = os.sched_getaffinity(0)
        # Those that are compared closely share one processor, and the client has another: which of them the system puts
        # together changes from start to start, and with it the price of a request by more than what they differ by.
        own = {min(every)} if len(stacks) > 1 and len(every) > 1 else every
        with ExitStack() as up:
            running: list[Running] = []
            for stack in stacks:
                running.append(start(stack, self._folder, self._rows[:1], processors=own))
                up.callback(running[-1].stop)
                self.found[COLD_START][stack.name].append(running[-1].cold_s)
                self.found[MEMORY][stack.name].append(running[-1].memory_mib())
            up.enter_context(on_processors(every - own or every))
            counts = {each: self._ready(each, close=len(running) > 1) for each in running}
            for turn in range(_TURNS * (2 if len(running) > 1 else 1)):
                capacities = self._one_row(running, counts)
                for each in running[:: -1 if turn % 2 else 1]:
                    self._others(each, capacities[each])
            for each in running:
                self.found[MEMORY_LATER][each.stack.name].append(each.memory_mib())

    def _ready(self, each: Running, *, close: bool) -> int:
        """Compare its answers, warm it up, and say how many requests it is to be sent at a time."""
        self._compare(each)
        found = ask(each, each.stack.request(self._rows[:1]), self._requests // 4 + 1, 32)
        most = self._requests * (_CLOSER if close else 1)
        return min(most, max(int(found.per_second * _SECONDS), 100))

    def _compare(self, each: Running) -> None:
        if each.stack.name == BARE:
            return
        for rows in (self._rows[:1], self._rows, self._wide):
            answers = self._answers[id(self._wide if rows is self._wide else self._rows)][: len(rows)]
            found = each.answer(rows)
            assert len(found) == len(answers), each.stack.name
            assert max(abs(one - other) for one, other in zip(found, answers, strict=True)) < _TOLERANCE, (
                each.stack.name
            )

    def _one_row(self, running: Sequence[Running], counts: Mapping[Running, int]) -> dict[Running, float]:
        """Ask each for one row at a time; how many a second it answers to the most callers."""
        capacities: dict[Running, float] = {}
        requests = [each.stack.request(self._rows[:1]) for each in running]
        for work, concurrency in ONE_ROW.items():
            if len(running) > 1:
                asked = ask_in_turn(running, requests, min(counts.values()), concurrency)
            else:
                asked = [ask(running[0], requests[0], counts[running[0]], concurrency)]
            for each, found in zip(running, asked, strict=True):
                self._note(each, work, found)
                capacities[each] = found.per_second
        return capacities

    def _others(self, each: Running, capacity: float) -> None:
        one = each.stack.request(self._rows[:1])
        seconds = _HALF_LOAD_S * min(1.0, self._requests / 2_000)
        self._note(each, HALF_LOAD, ask_steadily(each, one, seconds, capacity / 2))
        if each.stack.name != BARE:
            self._note(each, WIDE, ask(each, each.stack.request(self._wide), _WIDE_REQUESTS, 1))

    def _note(self, each: Running, work: str, asked: Asked) -> None:
        for figure, name in FIGURES.items():
            self.found[f"{work}, {name}"][each.stack.name].append(getattr(asked, figure))


def run() -> list[Result | Comparison]:
    """Go through the groups in rounds."""
    requests, rounds = int(os.environ.get("SERVING_REQUESTS", "2000")), int(os.environ.get("SERVING_ROUNDS", "3"))
    groups = [[stack for stack in group if stack.interpreter] for group in GROUPS]
    versions = {stack.name: stack.version for group in groups for stack in group}
    with tempfile.TemporaryDirectory(prefix="mw-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        rows = make_model(folder)
        for group in groups:
            for stack in group:
                stack.prepare(folder)
        visit = Visit(folder, rows, requests)
        for number in range(rounds):
            for group in filter(None, groups[:: -1 if number % 2 else 1]):
                begun = time.perf_counter()
                visit.group(group)
                seconds = time.perf_counter() - begun
                named = "; ".join(f"{stack.name} ({versions[stack.name]})" for stack in group)
                print(f"  round {number + 1} of {rounds}, {seconds:.0f} s: {named}", flush=True)
    return Field(visit.found, versions).table()
