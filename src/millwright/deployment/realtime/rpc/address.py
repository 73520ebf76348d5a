"""Where the gRPC server of a process and the pipes to it meet: a UNIX socket that nobody else is told of."""

from __future__ import annotations

import asyncio
import secrets
import socket
import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_TRIES = 100
_PAUSE_S = 0.02


class Address:
    """A UNIX socket's address.

    On Linux that is a name without a file: nothing is left behind, a read-only file system will do, and a caller's
    address fits in the name of its pipe, where gRPC finds it. Elsewhere it is a file in a folder of this user's own.

    Attributes:
        url: As gRPC writes it.
    """

    def __init__(self) -> None:
        self._number = count(1)
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        if sys.platform == "linux":
            name = f"millwright-{secrets.token_hex(8)}"
            self._address = f"\0{name}"
            self.url = f"unix-abstract:{name}"
        else:
            self._folder = tempfile.TemporaryDirectory(prefix="mw-")
            self._address = str(Path(self._folder.name, "rpc"))
            self.url = f"unix:{self._address}"

    async def connect(self, client: tuple[Any, ...]) -> socket.socket:
        """A connection with the server.

        Args:
            client: Address and port of the caller that it is for.

        Raises:
            OSError: The server is not there, or lets too many wait.
        """
        found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        found.setblocking(False)
        try:
            if self._folder is None:
                found.bind(f"{self._address}/{next(self._number)}/{client[0]}:{client[1]}")
            for _ in range(_TRIES):
                try:
                    found.connect(self._address)
                    break
                except BlockingIOError:  # as many wait there as may
                    await asyncio.sleep(_PAUSE_S)
            found.getpeername()  # fails where nobody let us in
        except BaseException:
            found.close()
            raise
        return found

    def close(self) -> None:
        """Remove the file, where there is one."""
        if self._folder is not None:
            self._folder.cleanup()


def caller(peer: str) -> tuple[str, int] | None:
    """The address and port of a caller.

    Args:
        peer: What gRPC takes the other end of a connection for.

    Returns:
        None where that does not tell.
    """
    host, _, port = unquote(peer).rpartition("/")[2].rpartition(":")
    return (host, int(port)) if host and port.isdecimal() else None
