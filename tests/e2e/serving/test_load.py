"""A load on worker processes while the alias moves, workers are killed and a version that does not load is promoted.

`MILLWRIGHT_LOAD_SECONDS` says for how long (60 in a soak), `MILLWRIGHT_LOAD_REPORT` names a file for the figures.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import polars as pl
import psutil
import pytest

from e2e.workplace import PATIENCE_S, Workplace
from millwright.models.adoption import adopt
from millwright.registry.packaged import register_model
from millwright.workspace.workspace import Workspace

pytestmark = pytest.mark.slow

SECONDS = float(os.environ.get("MILLWRIGHT_LOAD_SECONDS", "5"))
REPORT = os.environ.get("MILLWRIGHT_LOAD_REPORT", "")
MOVES, CONNECTIONS, WORKERS = 10, 8, 2
ROW = {"load": 2.0, "days": 3}
ANSWERS = {1: "yes", 2: "no"}  # of version 1, and of version 2, which has learned the opposite
BROKEN = 3
# The workers switch at one moment; this is what the scheduler of a busy machine may add to it.
MOMENT_S = 0.5


@dataclass
class Load:
    """What the callers saw."""

    answers: list[tuple[float, float, int, str]] = field(default_factory=list)  # sent, answered, version, prediction
    broken: int = 0
    bad: list[str] = field(default_factory=list)
    done: bool = False

    async def call(self, url: str) -> None:
        """One caller, who keeps its connection open as long as it lasts."""
        limits = httpx.Limits(max_connections=1)
        async with httpx.AsyncClient(base_url=url, timeout=20, limits=limits) as client:
            while not self.done:
                sent = time.monotonic()
                try:
                    reply = await client.post("/predict", json=ROW)
                except httpx.TransportError:
                    self.broken += 1
                    continue
                if reply.status_code != 200:
                    self.bad.append(f"{reply.status_code} {reply.text}")
                    continue
                version = int(reply.headers["x-model-version"].partition("@")[2])
                self.answers.append((sent, time.monotonic(), version, reply.json()["prediction"]))

    def mixed_s(self, moved: float, settled: float, version: int) -> float:
        """How long after a version's first answer the one before it still answered new requests.

        Args:
            moved: Before the move.
            settled: When all had switched.
            version: The new one.
        """
        first = min(at for sent, at, found, _ in self.answers if found == version and sent >= moved)
        late = [sent - first for sent, _, found, _ in self.answers if found != version and first < sent < settled]
        return max(late, default=0.0)

    async def until_all_are(self, version: int) -> float:
        """Wait until requests that begin now are answered by a version only; when that is so."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            since = time.monotonic()
            await asyncio.sleep(0.2)
            seen = [answer[2] for answer in self.answers if answer[0] >= since]
            if len(seen) >= CONNECTIONS and set(seen) == {version}:
                return since
        raise AssertionError(f"Version {version} did not take over.")


def make_versions(folder: Path) -> None:
    """Versions 1 and 2 of `visit`, of which the first is champion, and version 3, whose package is damaged."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    random = np.random.default_rng(0)
    rows = pl.DataFrame({"load": random.normal(size=200), "days": random.integers(1, 9, 200)})
    late = rows["load"].to_numpy() > 0
    with Workspace.open(folder) as workspace:
        for labels in (late, ~late, late ^ (rows["days"].to_numpy() > 5)):
            fitted = make_pipeline(LogisticRegression()).fit(rows.to_numpy(), np.where(labels, "yes", "no"))
            model = adopt(fitted, rows, target="late")
            register_model(model, "visit", sample=rows, registry=workspace.registry, stores=workspace.stores)
        workspace.stores.artifacts.delete(workspace.registry.resolve(f"visit@{BROKEN}").package)
        workspace.registry.promote("visit", 1, reason="the first", force=True)


@dataclass
class Course:
    """What was done to the server.

    Attributes:
        settled: From when to when only which version may answer.
        moves: From when to when the alias moved, and to which version.
        cut: Open sockets of the workers that were killed.
    """

    settled: list[tuple[float, float, int]] = field(default_factory=list)
    moves: list[tuple[float, float, int]] = field(default_factory=list)
    cut: int = 0

    def kill_one(self, server: int) -> None:
        """Kill a worker; it is stopped first, so that its sockets can be counted."""
        victim = psutil.Process(workers(server)[0])
        victim.suspend()
        self.cut += sum(each.status == psutil.CONN_ESTABLISHED for each in victim.net_connections("tcp"))
        victim.kill()


async def disturb(load: Load, workspace: Any, server: int) -> Course:
    """Move the alias, kill workers, one of them while it tries a version, and promote the damaged version."""
    promote = workspace.registry.promote
    course = Course()
    current, since = 1, await load.until_all_are(1)
    kills, kill_in_a_swap = {2, 8}, 5
    for move in range(MOVES):
        if move in kills:
            course.kill_one(server)
        if move == MOVES // 2:
            await asyncio.to_thread(promote, "visit", BROKEN, reason="a mistake", force=True)
            await until_refused(workspace)
        await asyncio.sleep(SECONDS / MOVES)
        moved = time.monotonic()
        course.settled.append((since, moved, current))
        current = 3 - current
        await asyncio.to_thread(promote, "visit", current, reason="a test", force=True)
        if move == kill_in_a_swap:
            course.kill_one(server)
        since = await load.until_all_are(current)
        course.moves.append((moved, since, current))
    return course


async def until_refused(workspace: Any) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        record = await asyncio.to_thread(workspace.stores.endpoints.find, "visit")
        if record.settings.get("refused", {}).get("version") == f"visit@{BROKEN}":
            return
        await asyncio.sleep(0.05)
    raise AssertionError("The damaged version was not refused.")


def workers(server: int) -> list[int]:
    return sorted(child.pid for child in psutil.Process(server).children())


def report(load: Load, course: Course, mixed: list[float]) -> None:
    """The figures, for who asks for them."""
    if REPORT:
        figures = {
            "answers": len(load.answers),
            "failed": len(load.bad),
            "broken connections": load.broken,
            "open sockets of killed workers": course.cut,
            "mixed answers for at most, in ms": [round(each * 1e3, 1) for each in mixed],
            "from the alias's move to the switch, in s": [round(until - since, 2) for since, until, _ in course.moves],
        }
        Path(REPORT).write_text(json.dumps(figures, indent=1), encoding="utf-8")


def test_no_answer_fails_or_is_wrong_while_versions_move_and_workers_are_killed(tmp_path):
    make_versions(tmp_path)
    words = ("serve", "visit@champion", "--port", "0", "--workers", str(WORKERS))
    process = Workplace(tmp_path).start(*words)
    try:
        found = re.search(r"http://[\w.]+:\d+", process.stdout.readline())
        load = Load()

        async def run() -> Course:
            callers = [asyncio.create_task(load.call(found.group())) for _ in range(CONNECTIONS)]
            with Workspace.open(tmp_path) as workspace:
                course = await disturb(load, workspace, process.pid)
            load.done = True
            await asyncio.gather(*callers)
            return course

        course = asyncio.run(run())
        assert len(workers(process.pid)) == WORKERS
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, errors
    assert load.bad == []
    mixed = [load.mixed_s(*each) for each in course.moves]
    report(load, course, mixed)
    assert load.broken <= course.cut
    assert max(mixed) < MOMENT_S
    assert {(version, answer) for _, _, version, answer in load.answers} == set(ANSWERS.items())
    for since, until, version in course.settled:
        assert {answer[2] for answer in load.answers if since <= answer[0] and answer[1] <= until} == {version}
