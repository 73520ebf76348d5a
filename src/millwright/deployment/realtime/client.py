"""A small client: rows over HTTP, on one connection that is kept."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from millwright.core.errors import (
    ConfigurationError,
    InvalidInputError,
    MillwrightError,
    NotFoundError,
    PayloadTooLargeError,
    ServiceUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

_ERRORS: dict[int, type[MillwrightError]] = {
    404: NotFoundError,
    413: PayloadTooLargeError,
    500: MillwrightError,
    503: ServiceUnavailableError,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictedRows:
    """What a server answered.

    Attributes:
        outputs: One mapping per row from output column to JSON value, without the ids.
        ids: One prediction id per row.
        models: The version that answered, as `name@version`, per row; a swap between two batches changes it.
    """

    outputs: tuple[Mapping[str, Any], ...]
    ids: tuple[str, ...]
    models: tuple[str, ...]


class PredictionClient:
    """Asks a Millwright server for predictions; not thread-safe.

    A request is sent again only when the connection failed, so that a server's refusal is told at once. The
    repetition may log a row twice on the server, under two ids; the ids that come back are those to use.

    Args:
        url: The server's, such as `http://127.0.0.1:8080`.
        timeout_s: For connecting and for each answer, in seconds.
        attempts: How often a request is sent at most.
        batch_rows: Most rows in one request.
    """

    def __init__(self, url: str, *, timeout_s: float = 30.0, attempts: int = 3, batch_rows: int = 1_000) -> None:
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise ConfigurationError(
                f"Expected a server's URL, found '{url}'.", hint="For example: http://127.0.0.1:8080"
            )
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, port, timeout=timeout_s)
        self._path = f"{parts.path.rstrip('/')}/predict"
        self._url = url
        self._attempts = attempts
        self._batch_rows = batch_rows

    def predict(self, rows: Sequence[Mapping[str, Any]], *, keys: Sequence[str] | None = None) -> PredictedRows:
        """Predict rows, in batches.

        Args:
            rows: n mappings from column to value; dates become ISO 8601 text, NaN becomes null.
            keys: The caller's own id of each row, kept in the prediction log.

        Raises:
            InvalidInputError: The server refuses the rows; its message and details say why.
            NotFoundError: There is no such server path.
            ServiceUnavailableError: The server cannot be reached, or is busy.
        """
        if keys is not None and len(keys) != len(rows):
            raise InvalidInputError(f"Expected {len(rows)} keys, one per row, found {len(keys)}.")
        outputs: list[Mapping[str, Any]] = []
        ids: list[str] = []
        models: list[str] = []
        for start in range(0, len(rows), self._batch_rows):
            end = start + self._batch_rows
            body: dict[str, Any] = {"rows": list(rows[start:end])}
            if keys is not None:
                body["keys"] = list(keys[start:end])
            answer, model = self._post(msgspec.json.encode(body))
            for row in answer["predictions"]:
                ids.append(row.pop("prediction_id"))
                outputs.append(row)
                models.append(model)
        return PredictedRows(outputs=tuple(outputs), ids=tuple(ids), models=tuple(models))

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _post(self, body: bytes) -> tuple[Any, str]:
        headers = {"content-type": "application/json"}
        for attempt in range(1, self._attempts + 1):
            try:
                self._connection.request("POST", self._path, body, headers)
                response = self._connection.getresponse()
                content = response.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                if attempt == self._attempts or isinstance(error, TimeoutError):
                    told = str(error) or type(error).__name__
                    raise ServiceUnavailableError(
                        f"Expected a server at {self._url}, found none that answers: {told}.",
                        hint="Start one with: mw serve MODEL",
                    ) from error
                continue
            if response.status != 200:
                raise _error(response.status, content, self._url)
            return _decoded(content, self._url), response.headers.get("x-model-version", "")
        raise AssertionError("every attempt returns or raises")


def _decoded(content: bytes, url: str) -> Any:
    try:
        answer = msgspec.json.decode(content)
        if isinstance(answer["predictions"], list):
            return answer
    except (msgspec.DecodeError, KeyError, TypeError):
        pass
    raise ServiceUnavailableError(f"Expected predictions from {url}, found another kind of server.")


def _error(status: int, content: bytes, url: str) -> MillwrightError:
    try:
        told = msgspec.json.decode(content)["error"]
        message, hint, details = told["message"], told.get("hint", ""), told.get("details")
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        message, hint, details = f"{url} answered with status {status}.", "Is it a Millwright server?", None
    kind = _ERRORS.get(status, InvalidInputError if status < 500 else ServiceUnavailableError)
    return kind(message, hint=hint, details=details)
