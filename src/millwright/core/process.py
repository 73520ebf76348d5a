"""Which process does something, named so that others can tell whether it still lives."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

_UNKNOWN_START = "0"
_ZOMBIE = "Z"


def current_owner() -> str:
    """This process as `host:pid:start`; the start tells it from a later process with the same number."""
    return _owner(os.getpid())


def is_dead(owner: str) -> bool:
    """Whether an owner's process is known to be gone.

    Args:
        owner: As `current_owner` wrote it.

    Returns:
        True only for a process of this host that is not there any more; False for one that lives, for one of another
        host, and when nobody can tell.
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    start = owner.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdigit() or os.name == "nt":
        return False
    pid = int(rest)
    if not _exists(pid):
        return True
    now = _start(pid)
    return now is None or (_UNKNOWN_START not in {now, start} and now != start)


def is_of_this_host(owner: str) -> bool:
    """Whether an owner's process is, or was, on this machine."""
    return owner.rpartition(":")[0].rpartition(":")[0] == socket.gethostname()


@lru_cache(maxsize=4)
def _owner(pid: int) -> str:
    # Kept per pid, not per process: a forked child is another process than its parent.
    return f"{socket.gethostname()}:{pid}:{_start(pid) or _UNKNOWN_START}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, so it is there
        return True
    return True


def _start(pid: int) -> str | None:
    """When a process started, in the system's own form; None when it is gone, `0` when the system does not say."""
    if sys.platform == "linux":
        try:
            text = Path(f"/proc/{pid}/stat").read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return None
        except OSError:
            return _UNKNOWN_START
        # The command's name, in parentheses, may hold blanks; the state is the first field behind it.
        fields = text.rpartition(")")[2].split()
        return None if fields[0] == _ZOMBIE else fields[19]
    if os.name == "nt":
        return _UNKNOWN_START
    found = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return found.stdout.strip().replace(" ", "_").replace(":", ".") or None
