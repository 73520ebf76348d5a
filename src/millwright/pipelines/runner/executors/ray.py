"""Executes steps on Ray: on this machine, or on a cluster that sees the same stores."""

from __future__ import annotations

import faulthandler
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from millwright.core.errors import ConfigurationError
from millwright.pipelines.annotations import parse_size
from millwright.pipelines.runner.executors.base import Executor, Outcome
from millwright.pipelines.runner.executors.remote import Opener, RemoteWorker, outcome_of, task_bytes
from millwright.pipelines.runner.failure import StepFailure

if TYPE_CHECKING:
    from millwright.pipelines.runner.executors.base import Job
    from millwright.pipelines.runner.run_parts import RunParts

_GRACE_S = 2.0
_WORKERS: dict[bytes, RemoteWorker] = {}  # of this process, which Ray uses for one task after another


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
        self._running: dict[Any, tuple[Job, float]] = {}

    def submit(self, job: Job) -> None:
        """See `Executor.submit`."""
        options = job.node.spec.options
        wanted: dict[str, Any] = {"num_cpus": options.resources.cpu}
        if options.resources.gpu:
            wanted["num_gpus"] = options.resources.gpu
        if options.resources.memory:
            wanted["memory"] = parse_size(options.resources.memory)
        limit_s = options.timeout_s + _GRACE_S if options.timeout_s else 0.0
        remote = self._remote.options(name=job.node.name, **wanted)
        ref = remote.remote(self._opener, task_bytes(job, self._parts), limit_s)
        self._running[ref] = (job, time.monotonic())

    def wait(self, timeout_s: float) -> list[tuple[Job, Outcome]]:
        """See `Executor.wait`."""
        if not self._running:
            return []
        ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=timeout_s)
        more, _ = self._ray.wait(list(self._running), num_returns=len(self._running), timeout=0)
        found = []
        for ref in dict.fromkeys([*ready, *more]):
            job, submitted = self._running.pop(ref)
            found.append((job, self._outcome(ref, job, submitted)))
        return found

    def close(self) -> None:
        """See `Executor.close`."""
        for ref in self._running:
            self._ray.cancel(ref, force=True)
        self._running.clear()

    def _outcome(self, ref: Any, job: Job, submitted: float) -> Outcome:
        try:
            return outcome_of(self._ray.get(ref))
        except Exception as error:  # noqa: BLE001 - Ray's own errors: a worker that died, a task that was stopped
            seconds = job.node.spec.options.timeout_s
            if isinstance(error, self._ray.exceptions.TaskCancelledError | self._ray.exceptions.WorkerCrashedError):
                if seconds and time.monotonic() - submitted > seconds:
                    return Outcome(failure=StepFailure.too_long(seconds))
                return Outcome(failure=StepFailure.died("its Ray worker died"))
            return Outcome(failure=StepFailure.of(error, job.context.project_dir))


def _perform(opener: bytes, task: bytes, limit_s: float) -> bytes:
    """Runs in a Ray worker, and ends it when the step takes too long and cannot be stopped otherwise."""
    if opener not in _WORKERS:
        _WORKERS[opener] = RemoteWorker(msgspec.msgpack.decode(opener, type=Opener))
    if not limit_s:
        return _WORKERS[opener].perform(task)
    # Counted from here: a task may wait long for its resources. This thread of C needs no lock that a step may hold.
    with Path(os.devnull).open("w") as nowhere:
        faulthandler.dump_traceback_later(limit_s, exit=True, file=nowhere)
        try:
            return _WORKERS[opener].perform(task)
        finally:
            faulthandler.cancel_dump_traceback_later()


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
            ray.init(address or "local", log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
        except (ConnectionError, ValueError) as error:
            raise ConfigurationError(
                f"No Ray cluster answers at '{address}': {str(error).splitlines()[0]}",
                hint="Correct the address in [pipelines] ray_address, or start one: ray start --head",
            ) from error
    return ray
