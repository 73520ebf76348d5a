"""The wire over an empty workspace, as a client without MLflow's library sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import start_blocking_portal
from litestar.testing import TestClient

from millwright.server.app import build_app
from millwright.server.service import services_of
from millwright.workspace.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from httpx import Response


@dataclass(frozen=True)
class Wire:
    """Asks the wire; paths are those behind `/api/2.0/mlflow/` unless they begin with a slash."""

    client: TestClient[Any]
    workspace: Workspace

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Response:
        """Any request."""
        full = path if path.startswith("/") else f"/api/2.0/mlflow/{path}"
        return self.client.request(method, full, json=body, follow_redirects=False, **more)

    def post(self, path: str, body: Any = None) -> Any:
        """A POST that succeeds; what it answers."""
        return self._good(self.ask("POST", path, {} if body is None else body))

    def get(self, path: str, **query: Any) -> Any:
        """A GET that succeeds; what it answers."""
        return self._good(self.ask("GET", path, params=query))

    def patch(self, path: str, body: Any) -> Any:
        """A PATCH that succeeds; what it answers."""
        return self._good(self.ask("PATCH", path, body))

    def delete(self, path: str, body: Any = None) -> Any:
        """A DELETE that succeeds; what it answers."""
        return self._good(self.ask("DELETE", path, body))

    def fails(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str, str]:
        """Status, error code and message of a request that fails."""
        answer = self.ask(method, path, body, **more)
        assert answer.status_code >= 400, answer.text
        told = answer.json()
        assert set(told) == {"error_code", "message"}
        return answer.status_code, told["error_code"], told["message"]

    @staticmethod
    def _good(answer: Response) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    """The wire over a new workspace.

    The application is not told that the server has started: it would load the pages, longer than most tests take.
    """
    with Workspace.open(tmp_path) as workspace, start_blocking_portal("asyncio") as portal:
        app = build_app(services_of(workspace))
        client = TestClient(app, base_url="http://127.0.0.1")
        client.blocking_portal = portal
        yield Wire(client, workspace)
