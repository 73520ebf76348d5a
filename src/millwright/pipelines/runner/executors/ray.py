"""Executes steps on Ray: on this machine, or on a cluster that sees the same stores."""

from __future__ import annotations

import faulthandler
import logging
import os
import socket
import time
import uuid
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from millwright.core.errors import ConfigurationError
from millwright.pipelines.annotations import parse_size
from millwright.pipelines.runner.executors.base import Executor, Outcome
from millwright.pipelines.runner.executors.memory import memory_guard
from millwright.pipelines.runner.executors.remote import Opener, RemoteWorker, outcome_bytes, outcome_of, task_bytes
from millwright.pipelines.runner.failure import StepFailure
from millwright.pipelines.runner.observation.pulse import resident_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from millwright.pipelines.runner.executors.base import Job
    from millwright.pipelines.runner.run_parts import RunParts

_GRACE_S = 2.0
_KNOCK_S = 10.0
_NAMES = {"num_cpus": "CPU", "num_gpus": "GPU", "memory": "memory"}  # options of a task → resources of a node
_WORKERS: dict[bytes, RemoteWorker] = {}  # of this process, which Ray uses for one task after another
_held_at_first: list[int] = []  # bytes, when each of them was there; of the first no step had been executed yet


class RayExecutor(Executor):
    """Each step is a Ray task with the resources that it asks for; Ray decides where and when.

    Args:
        parts: What the run's steps share.
        opener: How a worker comes by the stores.
        address: `ray://host:10001`, `auto`, or empty for a Ray of this process's own.

    Raises:
        ConfigurationError: Ray is not installed, or the cluster does not answer.
    """

    name = "ray"
    capacity = 1 << 20  # Ray itself makes steps wait for their resources

    def __init__(self, parts: RunParts, opener: Opener, address: str = "") -> None:
        self._parts = parts
        self._opener = msgspec.msgpack.encode(opener)
        self._ray = connected(address)
        self._remote = self._ray.remote(max_retries=0)(_perform)
        self._is_own = not address
        self._running: dict[Any, tuple[Job, float, str]] = {}
        self._refused: list[tuple[Job, Outcome]] = []
        self._lacking: dict[str, str] = {}

    def submit(self, job: Job) -> None:
        """See `Executor.submit`."""
        options = job.node.spec.options
        wanted: dict[str, Any] = {"num_cpus": options.resources.cpu}
        if options.resources.gpu:
            wanted["num_gpus"] = options.resources.gpu
        memory = options.resources.memory
        if memory:
            wanted["memory"] = parse_size(memory)
        if lacking := self._lack(wanted):
            if self._is_own:
                failure = StepFailure(kind="ResourcesError", text=lacking, is_mistake=True)
                self._refused.append((job, Outcome(failure=failure)))
                return
            self._parts.progress.say(f"Step '{job.base}' waits for a machine: {lacking}.")
        limit_s = options.timeout_s + _GRACE_S if options.timeout_s else 0.0
        remote = self._remote.options(name=job.node.name, **wanted)
        place = f"millwright-{uuid.uuid4().hex}"
        ref = remote.remote(self._opener, task_bytes(job, self._parts), limit_s, memory, place)
        self._running[ref] = (job, time.monotonic(), place)

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:
        """See `Executor.wait`."""
        if self._refused or not self._running:
            refused, self._refused = self._refused, []
            return refused
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=timeout_s)
        more, _ = self._ray.wait(list(self._running), num_returns=len(self._running), timeout=0)
        found = []
        for ref in dict.fromkeys([*ready, *more]):
            job, submitted, place = self._running.pop(ref)
            found.append((job, self._outcome(ref, job, submitted, place)))
        return found

    def close(self) -> None:
        """See `Executor.close`."""
        for ref in self._running:
            self._ray.cancel(ref, force=True)
        self._running.clear()

    def _lack(self, wanted: dict[str, Any]) -> str:
        """Why no node that Ray has now could ever execute such a step; empty when one could."""
        asked = {_NAMES[option]: amount for option, amount in wanted.items() if amount}
        words = _listed(asked)
        if words not in self._lacking:
            nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
            fits = any(all(node.get(name, 0) >= amount for name, amount in asked.items()) for node in nodes)
            largest = {name: max((node.get(name, 0) for node in nodes), default=0) for name in _NAMES.values()}
            lacking = f"it asks for {words}, and no node of Ray has that; the most that one has: {_listed(largest)}"
            self._lacking[words] = "" if fits else lacking
            return self._lacking[words]
        return self._lacking[words] if self._is_own else ""

    def _outcome(self, ref: Any, job: Job, submitted: float, place: str) -> Outcome:
        try:
            return outcome_of(self._ray.get(ref))
        except Exception as error:  # noqa: BLE001 - Ray's own errors: a worker that died, a task that was stopped
            seconds = job.node.spec.options.timeout_s
            if isinstance(error, self._ray.exceptions.TaskCancelledError | self._ray.exceptions.WorkerCrashedError):
                if job.node.spec.options.resources.memory and (last := _last_words(place)):
                    return outcome_of(last)
                if seconds and time.monotonic() - submitted > seconds:
                    return Outcome(failure=StepFailure.too_long(seconds))
                return Outcome(failure=StepFailure.died("its Ray worker died"))
            return Outcome(failure=StepFailure.of(error, job.context.project_dir))


def _listed(amounts: dict[str, float]) -> str:
    """Resources for people: `CPU 2, GPU 1, memory 4.0 GiB`."""
    return ", ".join(
        f"{name} {amount / 2**30:.1f} GiB" if name == "memory" else f"{name} {amount:g}"
        for name, amount in amounts.items()
    )


def _perform(opener: bytes, task: bytes, limit_s: float, memory: str, place: str) -> bytes:
    """Runs in a Ray worker, and ends it when the step takes too much: memory, or time when nothing else stops it.

    Args:
        opener: How the worker's side is opened.
        task: What to execute.
        limit_s: Seconds; 0 for no limit.
        memory: What the worker and its children may hold, such as `300MiB`; empty for no limit.
        place: The key at which the cluster keeps why the worker ended itself.
    """
    if opener not in _WORKERS:
        _WORKERS[opener] = RemoteWorker(msgspec.msgpack.decode(opener, type=Opener))
        _held_at_first.append(resident_bytes())
    with _holding_time(limit_s), _holding_memory(memory, place):
        return _WORKERS[opener].perform(task)


@contextmanager
def _holding_time(limit_s: float) -> Iterator[None]:
    if not limit_s:
        yield
        return
    # Counted from here: a task may wait long for its resources. This thread of C needs no lock that a step may hold.
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()


def _holding_memory(limit: str, place: str) -> AbstractContextManager[object]:
    if not limit:
        return nullcontext()

    def tell(failure: StepFailure) -> None:
        _store()._internal_kv_put(place, outcome_bytes(Outcome(failure=failure)))  # noqa: SLF001 - see there

    return memory_guard(limit, tell, spared=max(0, resident_bytes() - _held_at_first[0]))


def _last_words(place: str) -> bytes | None:
    """Why a worker ended itself; None when it did not."""
    try:
        store = _store()
        found: bytes | None = store._internal_kv_get(place)  # noqa: SLF001 - as above
        if found:
            store._internal_kv_del(place)  # noqa: SLF001 - as above
    except Exception:  # noqa: BLE001 - of another version of Ray
        return None
    return found


def _store() -> Any:
    """The cluster's own table of keys and values, in which a worker that ends at once can still tell why.

    Ray has no public way to it; where there is none, the limit holds, and a step is said to have died.
    """
    return import_module("ray.experimental.internal_kv")


def connected(address: str) -> Any:
    """The library, connected to a cluster.

    Args:
        address: Of the cluster; empty for a Ray of this process's own.

    Raises:
        ConfigurationError: Ray is not installed, or nothing answers there.
    """
    try:
        import ray
    except ImportError as error:
        raise ConfigurationError("Ray is not installed.", hint="Install it: pip install 'millwright[ray]'") from error
    if not ray.is_initialized():
        try:
            _knock(address)
            ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise ConfigurationError(
                f"No Ray cluster answers at '{address}': {str(error).splitlines()[0].rstrip('.')}.",
                hint="Correct the address in [pipelines] ray_address, or start one: ray start --head. One that asks "
                "for a token (see what it said when it was started) needs RAY_AUTH_MODE=token here, too.",
            ) from error
    return ray


def _knock(address: str) -> None:
    """Whether anything listens there at all: Ray itself would go on trying for minutes.

    Raises:
        OSError: Nothing does.
    """
    place = urlsplit(address if "://" in address else f"//{address}")
    if place.hostname and place.port:
        socket.create_connection((place.hostname, place.port), timeout=_KNOCK_S).close()
