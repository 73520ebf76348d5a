"""A server that asks who comes, with one user for each role, over real HTTP."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from argon2 import PasswordHasher

from millwright.core.records.account import EVERY_PROJECT, Role
from millwright.server.auth import password
from millwright.server.auth.account import Accounts
from millwright.server.options import ServerOptions
from millwright.server.run import serve
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "correct horse battery"
# Name → role and project.
USERS: dict[str, tuple[Role, str] | None] = {
    "root": (Role.ADMIN, EVERY_PROJECT),
    "vera": (Role.VIEWER, "default"),
    "cora": (Role.CONTRIBUTOR, "default"),
    "apo": (Role.APPROVER, "default"),
    "adam": (Role.ADMIN, "default"),
    "chad": (Role.ADMIN, "churn"),
    "nix": None,
}


@dataclass(frozen=True)
class Team:
    """The server, and what its users come in with."""

    url: str
    workspace: Workspace
    accounts: Accounts
    client: httpx.Client
    tokens: dict[str, str] = field(default_factory=dict)
    password: str = PASSWORD

    def ask(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        """A request with somebody's token; a stranger's when `who` is empty."""
        headers = dict(more.pop("headers", {}))
        if who:
            headers["authorization"] = f"Bearer {self.tokens[who]}"
        self.client.cookies.clear()
        return self.client.request(method, self.url + path, headers=headers, **more)


@pytest.fixture(scope="module")
def _passwords_cost_little() -> Iterator[None]:
    """Argon2 as it is meant takes a fifth of a second of a processor; `test_password` and processes pay it."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(password, "_hasher", lambda: cheap)
        password._stranger.cache_clear()
        yield
    password._stranger.cache_clear()


@pytest.fixture(scope="module")
def team(_passwords_cost_little: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    folder = tmp_path_factory.mktemp("team")
    with Workspace.open(folder) as workspace:
        accounts = Accounts(workspace.stores, workspace.clock, "test")
        tokens = {}
        for name, role in USERS.items():
            accounts.add(name, password=PASSWORD if name in {"root", "vera"} else None)
            if role is not None:
                accounts.grant(name, *role)
            tokens[name] = str(accounts.create_token(name, role=Role.ADMIN)[0])
        options = ServerOptions(port=0, auth=True)
        # One client: making one for each request takes longer than the request.
        with running(workspace, options) as url, httpx.Client(timeout=20) as client:
            yield Team(url, workspace, accounts, client, tokens)


class running:  # noqa: N801 - read as a verb
    """A server in a thread, for as long as the context."""

    def __init__(self, workspace: Workspace, options: ServerOptions) -> None:
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._url = ""
        self._thread = threading.Thread(
            target=serve,
            args=(options, services_of(workspace)),
            kwargs={"ready": self._tell, "stop": self._stop},
        )

    def _tell(self, url: str) -> None:
        self._url = url
        self._ready.set()

    def __enter__(self) -> str:
        self._thread.start()
        assert self._ready.wait(30)
        return self._url

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def empty_workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path) as workspace:
        yield workspace


@pytest.fixture
def run_server() -> type[running]:
    return running
