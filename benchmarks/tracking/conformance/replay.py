"""Requests that are replayed, and answers made comparable: ids, times and page tokens are named by their first use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECORDED = Path(__file__).with_name("recorded.jsonl")
_NAME = re.compile(r"\$\{(\w+)\}")
_RUN_ID = re.compile(r"\b[0-9a-f]{32}\b")
_RANDOM_NAME = re.compile(r"^[a-z]+-[a-z]+-\d+$")
_TIMES = {"creation_time", "last_update_time"}
_LEFT_OUT = {"workspace", "sqlstate", "error_class"}
_SENTENCE = re.compile(r"^(.*?)(?: See the API docs| Valid | Error: |$)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request.

    Attributes:
        path: Behind `/api/2.0/mlflow/`, or absolute.
        body: `${name}` in it stands for what an earlier answer gave.
        save: Names for parts of the answer, by dotted place.
        differs: Why the answers are meant to differ; empty when they are not.
    """

    method: str
    path: str
    body: dict[str, Any]
    save: dict[str, str] = field(default_factory=dict)
    differs: str = ""


@dataclass(slots=True)
class Reply:
    """A status, and the JSON or text that came with it."""

    status: int
    body: Any


def recorded() -> Iterator[Request]:
    """The requests of the file, in order; later ones depend on earlier ones."""
    with RECORDED.open(encoding="utf-8") as lines:
        for line in lines:
            yield Request(**json.loads(line))


class Replay:
    """Sends requests to one server.

    Args:
        send: Method, path and body to status and text.
    """

    def __init__(self, send: Callable[[str, str, dict[str, Any]], tuple[int, str]]) -> None:
        self._send = send
        self._known: dict[str, str] = {}

    def ask(self, request: Request) -> Reply:
        """Send a request; its answer with ids and times named."""
        path = request.path if request.path.startswith("/") else f"/api/2.0/mlflow/{request.path}"
        body = json.loads(_NAME.sub(lambda name: self._known.get(name[1], name[0]), json.dumps(request.body)))
        status, text = self._send(request.method, path, body)
        try:
            answer = json.loads(text)
        except ValueError:
            return Reply(status, "(no JSON)")
        for name, place in request.save.items():
            found = answer
            for part in place.split("."):
                found = found.get(part, {})
            self._known[name] = str(found)
        return Reply(status, self._plain(answer))

    def _plain(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            told = {key: self._plain(each, key) for key, each in value.items() if key not in _LEFT_OUT}
            return {key: each for key, each in sorted(told.items()) if each not in ([], {}) or key == "metrics"}
        if isinstance(value, list):
            plain = [self._plain(each) for each in value]
            # The order of a run's metrics, parameters and tags says nothing; that of a history does.
            last = name == "metrics" and len({str(each.get("key")) for each in plain}) == len(plain)
            keyed = last or all(isinstance(each, dict) and set(each) == {"key", "value"} for each in plain)
            return sorted(plain, key=lambda each: each["key"]) if keyed else plain
        if name in _TIMES:
            return "(a time)"
        if name == "next_page_token":
            return "(a token)"
        if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN, which some answers have bare
            return "NaN"
        if isinstance(value, str):
            return self._named(value, name)
        return value

    def _named(self, text: str, name: str) -> str:
        names = {value: f"<{known}>" for known, value in self._known.items()}
        if name == "message":
            found = _SENTENCE.match(text)
            text = found[1] if found else text
        text = _RANDOM_NAME.sub("<a name>", text)
        return _RUN_ID.sub(lambda run: names.get(run[0], "<run>"), text)
