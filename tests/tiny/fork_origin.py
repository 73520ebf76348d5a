"""The process of which `forking.start` makes its processes: imports everything, then forks on demand.

It speaks with its parent over the socket whose number is its first argument (further ones name what to import in place
of all that Millwright needs): a request comes as its length, the words, the folder and the environment in JSON, and
four descriptors: the three streams, and a pipe that takes the exit code.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import tempfile
import time
import types
from pathlib import Path

# What the commands of the tests import, below which all else comes.
LIBRARIES = (
    "millwright.__init__",
    "millwright.cli.main",
    "millwright.server.site",
    "millwright.server.http_server",
    "millwright.server.run",
    "millwright.deployment.realtime.server",
    "millwright.workspace.workspace",
    "millwright.training.tuning",
    "millwright.evaluation.evaluate",
    "millwright.data.contracts.validation",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.tree",
    "sklearn.compose",
    "skl2onnx",
    "skops.io",
    "optuna",
    "deltalake",
)
# Of these every module: the parts of a command come when it needs them, and most need several. Not all that serves:
# gRPC is not to be forked, and prometheus-client reads a variable that a server sets before it loads it.
ROOMS = (
    "automation",
    "cli",
    "core",
    "data",
    "evaluation",
    "governance",
    "models",
    "monitoring",
    "pipelines",
    "registry",
    "steps",
    "storage",
    "tracking",
    "training",
    "workspace",
)
TAKEN_APART = ("millwright", "__main__", "sys", "builtins")
NOT_TO_BE_LOADED = ("grpc", "prometheus_client")
# Threads that allocators keep, which know of forks, and the one of Polars that removes what did not fit into memory.
HARMLESS = ("jemalloc_bg_thd", "polars-ooc")


def main() -> None:
    """Fork until the parent is gone; in a fork, become what was asked for."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, and they this
    for name in sys.argv[2:] or LIBRARIES:
        importlib.import_module(name.removesuffix(".__init__"))
    if not sys.argv[2:]:
        _load_rooms()
    give_up = time.monotonic() + 5  # a thread that has just begun is called as the process is, until it names itself
    while (harmful := _harmful_threads()) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not harmful, f"Threads run after the imports, whose locks would be held in a fork: {harmful}"
    atexit.register(_spare, [name for name in sys.modules if name.partition(".")[0] not in TAKEN_APART])
    gc.collect()
    gc.freeze()  # so that a look for garbage in a fork does not copy it all
    channel.sendall(b"ready")
    tells: dict[int, tuple[int, int]] = {}  # descriptor of a fork -> its id, and where its exit code goes
    while True:
        for ready in select.select([channel, *tells], [], [])[0]:
            if ready is not channel:
                _tell(ready, *tells.pop(ready))
            elif not (length := channel.recv(4)) or _fork(channel, int.from_bytes(length, "big"), tells):
                return


def _harmful_threads() -> list[str]:
    found: list[str] = []
    for task in Path("/proc/self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            name = (task / "comm").read_text()
            if int(task.name) != os.getpid() and not name.startswith(HARMLESS):
                found.append(name)
    return found


def _load_rooms() -> None:
    """Import what Millwright consists of, and make once what a process keeps: tables, the server's routes, a plot."""
    for room in ROOMS:
        package = importlib.import_module(f"millwright.{room}")
        for module in pkgutil.walk_packages(package.__path__, f"millwright.{room}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    from millwright.evaluation.page import html_report
    from millwright.evaluation.plots.theme import figure
    from millwright.evaluation.section import Section
    from millwright.server.site import build_litestar
    from millwright.storage.catalog import open_stores

    build_litestar()
    plot = figure("A plot", [{"type": "bar", "x": [1], "y": [1]}])
    html_report("A report", [Section(title="A plot", figures=[plot])])
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/records.db"
        open_stores(records_url=url, artifacts_url=folder, predictions_url=folder).close()
    loaded = [name for name in NOT_TO_BE_LOADED if name in sys.modules]
    assert not loaded, f"Loaded too early: {loaded}"


def _spare(libraries: list[str]) -> None:
    """Leave the libraries as they are when a fork ends: to take them apart copies their memory, 0.1 s of a processor.

    Millwright's modules, what the fork imported itself, threads, and what is registered for the end (here and in C) go
    as in every process.
    """
    kept = [sys.modules.pop(name, None) for name in libraries]
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(kept))


def _tell(handle: int, pid: int, tell: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with contextlib.suppress(BrokenPipeError):  # nobody waits
        os.write(tell, str(code).encode())
    os.close(tell)
    os.close(handle)


def _fork(channel: socket.socket, length: int, tells: dict[int, tuple[int, int]]) -> bool:
    """Whether this is the fork, and has run."""
    asked = b""
    while len(asked) < length:
        asked += channel.recv(65536)
    _, given, _, _ = socket.recv_fds(channel, 1, 4)
    pid = os.fork()
    if pid:
        tells[os.pidfd_open(pid)] = (pid, given[3])
        for each in given[:3]:
            os.close(each)
        channel.sendall(str(pid).encode())
        return False
    channel.close()
    for handle, (_, tell) in tells.items():
        os.close(handle)
        os.close(tell)
    os.close(given[3])
    _become(given[:3], **json.loads(asked))
    return True


def _become(streams: list[int], words: list[str], cwd: str, env: dict[str, str]) -> None:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    at_once = words[0] == "-u" or bool(env.get("PYTHONUNBUFFERED"))
    sys.stdout = io.TextIOWrapper(
        open(1, "wb", buffering=0 if at_once else -1, closefd=False),  # noqa: SIM115
        encoding="utf-8",
        write_through=at_once,
    )
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    words = words[words[0] == "-u" :]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    if words[0] == "-m":
        sys.argv, sys.path[0] = words[1:], cwd
    elif words[0] == "-c":
        sys.argv, sys.path[0] = ["-c", *words[2:]], ""
    else:
        sys.argv, sys.path[0] = words, str(Path(words[0]).parent)
    importlib.invalidate_caches()
    if words[0] == "-m":
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)
    elif words[0] == "-c":
        module = sys.modules["__main__"] = types.ModuleType("__main__")
        exec(compile(words[1], "<string>", "exec"), module.__dict__)  # noqa: S102 - a test's own program
    else:
        runpy.run_path(words[0], run_name="__main__")


if __name__ == "__main__":
    main()
