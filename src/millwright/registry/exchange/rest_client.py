"""Plain HTTP to a server that speaks MLflow's REST."""

from __future__ import annotations

import base64
import http.client
import json
import os
import ssl
import time
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from millwright.core.errors import ConfigurationError, InvalidInputError, NotFoundError, ServiceUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TIMEOUT_S = 60
_PIECE_BYTES = 1 << 20
_ATTEMPTS = 5
_PASSING = frozenset({408, 429, 502, 503, 504})


class RestClient:
    """One connection to a server, made again when it breaks. Not thread-safe.

    Who it speaks for comes from where MLflow's own clients take it: `MLFLOW_TRACKING_TOKEN`, or
    `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`.

    Args:
        url: `http://host:port`, or https; a path in front of `/api` is kept.

    Raises:
        ConfigurationError: It is not such a URL.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ConfigurationError(
                f"Expected the URL of an MLflow server, found {url!r}.", hint="Write http://host:5000."
            )
        self.url = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"
        self._connection: http.client.HTTPConnection | None = None
        self._headers = _credentials()

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """A GET below `/api/2.0/mlflow/`; see `ask`."""
        return self.ask("GET", f"{path}?{urlencode(query, doseq=True)}" if query else path)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A POST below `/api/2.0/mlflow/`; see `ask`."""
        return self.ask("POST", path, body)

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, version: str = "2.0"
    ) -> dict[str, Any]:
        """A request below `/api/2.0/mlflow/` (or that of another version), and the JSON that it answers.

        Raises:
            NotFoundError: The server says so.
            InvalidInputError: It refuses for another reason, which is told.
            ServiceUnavailableError: It cannot be reached, or fails.
        """
        data = None if body is None else json.dumps(body).encode()
        answer = self._send(method, f"/api/{version}/mlflow/{path}", data, {"content-type": "application/json"})
        read: dict[str, Any] = json.loads(answer.read() or b"{}")
        return read

    def list_all(
        self, method: str, path: str, name: str, /, *, version: str = "2.0", **fields: Any
    ) -> Iterator[dict[str, Any]]:
        """Every item of a listing in pages.

        Args:
            method: GET or POST.
            path: Of the listing.
            name: Of the list in the answer.
            version: See `ask`.
            **fields: The query's, or the body's.
        """
        token = ""
        while True:
            given = {**fields, **({"page_token": token} if token else {})}
            if method == "GET":
                page = self.ask(method, f"{path}?{urlencode(given, doseq=True)}", version=version)
            else:
                page = self.ask(method, path, given, version=version)
            yield from page.get(name, ())
            token = page.get("next_page_token", "")
            if not token:
                return

    def download(self, path: str) -> Iterator[bytes]:
        """The bytes of an artifact of the server's proxy, in pieces."""
        answer = self._send("GET", f"/api/2.0/mlflow-artifacts/artifacts/{quote(path)}", None, {})
        while piece := answer.read(_PIECE_BYTES):
            yield piece

    def upload(self, path: str, file: IO[bytes]) -> None:
        """Send an artifact to the server's proxy, from the beginning of an open file."""
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        full = f"/api/2.0/mlflow-artifacts/artifacts/{quote(path)}"
        # With its length, so that it does not go in chunks, which not every proxy takes.
        headers = {"content-type": "application/octet-stream", "content-length": str(size)}
        self._send("PUT", full, file, headers).read()

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(self, method: str, path: str, data: Any, headers: Mapping[str, str]) -> http.client.HTTPResponse:
        failure = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(min(0.2 * 2**attempt, 3))
                if hasattr(data, "seek"):
                    data.seek(0)
            try:
                connection = self._connected()
                connection.request(method, self._prefix + path, body=data, headers={**self._headers, **headers})
                answer = connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                self.close()
                failure = str(error) or type(error).__name__
                continue
            if answer.status < 300:
                return answer
            text = answer.read().decode("utf-8", "replace")
            if answer.status not in _PASSING:
                raise self._refusal(answer.status, text)
            failure = f"it answered {answer.status}"
        raise ServiceUnavailableError(
            f"Cannot ask {self.url}: {failure}.", hint="Check the URL and that the server runs; then run this again."
        )

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None and self._secure:
            context = ssl.create_default_context()
            self._connection = http.client.HTTPSConnection(self._host, self._port, timeout=_TIMEOUT_S, context=context)
        elif self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=_TIMEOUT_S)
        return self._connection

    def _refusal(self, status: int, text: str) -> Exception:
        try:
            told = json.loads(text)
            message, code = str(told["message"]), str(told["error_code"])
        except (ValueError, KeyError, TypeError):
            message, code = " ".join(text.split())[:200], str(status)
        said = f"{self.url} says: {message} ({code})."
        if status in {404, 405} or code == "RESOURCE_DOES_NOT_EXIST":
            return NotFoundError(said)
        if status in {401, 403}:
            return InvalidInputError(
                said, hint="Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and …_PASSWORD."
            )
        return InvalidInputError(said) if status < 500 else ServiceUnavailableError(said)


def _credentials() -> dict[str, str]:
    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    if token:
        return {"authorization": f"Bearer {token}"}
    user, password = os.environ.get("MLFLOW_TRACKING_USERNAME"), os.environ.get("MLFLOW_TRACKING_PASSWORD")
    if user and password:
        return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}
    return {}
