"""What every test starts from: no network but the loopback, no settings of the developer's own, files in memory."""

from __future__ import annotations

import gc
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

# Shared machines are slow now and then: a deadline per example fails for no reason of ours.
settings.register_profile("millwright", deadline=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("millwright"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "millwright")

_MEMORY = Path("/dev/shm")  # noqa: S108 (where Linux keeps files in memory)
_MEMORY_BYTES = 4 * 2**30


def _keep_temporary_files_in_memory() -> None:
    """A store waits for the disk at every commit; many thousand tests that each make one would do little else.

    Processes that tests start are told by the same variable. One that is set already stays.
    """
    if "TMPDIR" not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # it is asked for anew


_keep_temporary_files_in_memory()


def _let_python_keep_what_it_compiled() -> None:
    """Images of containers often forbid it: each of the hundreds of processes of the tests would compile all anew."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


_let_python_keep_what_it_compiled()


def _know_one_authority() -> None:
    """Every `httpx.get` reads the certificates of all authorities, for 40 ms of a processor; no test needs them."""
    os.environ["SSL_CERT_FILE"] = str(Path(__file__).parent / "tiny" / "authority.pem")


_know_one_authority()

_LOOPBACK = {"localhost", "::1", "0.0.0.0", ""}  # noqa: S104 (an address to connect to, not to listen on)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is collected stays to the end: looking through it for garbage would take most of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Connecting anywhere but to this machine fails with the address."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = str(address[0])
            if host not in _LOOPBACK and not host.startswith("127."):
                raise OSError(f"Tests have no network; something connects to {host}:{address[1]}.")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_open() -> Iterator[None]:
    """A file or socket that a module leaves to the garbage collector is told of there, and not in any later test.

    What is alive then is not looked at again, which keeps each look short.
    """
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[None]:
    """A Ray of this process with two processors; there can be but one at a time."""
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'millwright[ray]'")
    ray.init("local", num_cpus=2, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


@pytest.fixture(autouse=True)
def _no_settings_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """MILLWRIGHT_* variables that happen to be set here do not reach the tests."""
    for name in [name for name in os.environ if name.startswith("MILLWRIGHT_")]:
        monkeypatch.delenv(name)
