"""What a server that speaks MLflow's REST has and no transfer carries: counted, to be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.core.errors import MillwrightError, NotFoundError
from millwright.registry.exchange.report import not_carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from millwright.registry.exchange.content import Experiment
    from millwright.registry.exchange.rest_client import RestClient

_MOST = 10_000  # to be counted; more are told as more
_TRACES, _DATASETS, _AT_ONCE = 500, 50, 20  # a page of traces, one of datasets, experiments asked about at once
_NEW = "3.0"


def left_out(client: RestClient, experiments: Sequence[Experiment]) -> list[str]:
    """Traces, evaluation datasets, scorers and users, in words; what a server does not know is not named.

    Args:
        client: The connection.
        experiments: All of the server's.
    """
    ids = [each.id for each in experiments]
    active = [each.id for each in experiments if not each.deleted]
    counted: dict[str, Callable[[], Iterator[object]]] = {
        "traces": lambda: _traces(client, ids),
        "evaluation datasets": lambda: _datasets(client),
        "scorers": lambda: _scorers(client, active),
        "users": lambda: _users(client),
    }
    return [told for what, found in counted.items() if (told := _told(what, found))]


def _told(what: str, found: Callable[[], Iterator[object]]) -> str:
    number = 0
    try:
        for number, _ in enumerate(found(), 1):
            if number >= _MOST:
                return f"{number:,} {what} or more: not carried"
    except NotFoundError:  # a server from before there were any, or without users
        pass
    except MillwrightError as error:
        return f"{what.capitalize()}: not carried, and could not be counted: {error}"
    return not_carried(number, what) if number else ""


def _traces(client: RestClient, ids: Sequence[str]) -> Iterator[object]:
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        where = [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": each}} for each in some]
        body: dict[str, Any] = {"locations": where, "max_results": _TRACES}
        try:
            yield from client.list_all("POST", "traces/search", "traces", version=_NEW, **body)
        except NotFoundError:  # before 3.0
            yield from client.list_all("GET", "traces", "traces", experiment_ids=some, max_results=_TRACES)


def _datasets(client: RestClient) -> Iterator[object]:
    return client.list_all("POST", "datasets/search", "datasets", version=_NEW, max_results=_DATASETS)


def _scorers(client: RestClient, ids: Sequence[str]) -> Iterator[object]:
    for experiment_id in ids:
        yield from client.ask("GET", f"scorers/list?experiment_id={experiment_id}", version=_NEW).get("scorers", ())


def _users(client: RestClient) -> Iterator[object]:
    yield from client.get("users/list").get("users", ())
