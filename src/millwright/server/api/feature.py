"""Features online."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.params import JSONBody  # noqa: TC002 - Litestar reads the annotation

from millwright.core.errors import InvalidInputError, PayloadTooLargeError
from millwright.server.injection import FromApp  # noqa: TC001 - Litestar reads the annotation

_MOST_ENTITIES = 10_000
_MOST_VALUES = 1_000_000


class OnlineRequest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which features are wanted, and of whom.

    Attributes:
        service: A feature service; or leave it out and name features.
        features: Views and features, as `view` or `view:feature`.
        entities: The keys' columns, each a list of as many values; or rows, each an object with the keys. At most
            10,000 entities.
        request: What on-demand views need besides: a value for all entities, or a list of as many.
    """

    service: Annotated[str, msgspec.Meta(max_length=200)] = ""
    features: Annotated[list[Annotated[str, msgspec.Meta(max_length=400)]], msgspec.Meta(max_length=1000)] = []
    entities: dict[str, Any] | list[dict[str, Any]]
    request: dict[str, Any] = {}


class OnlineAnswer(msgspec.Struct, kw_only=True, frozen=True):
    """Values by feature, each a list in the order of the entities (NaN and infinities are null).

    Attributes:
        features: Their names, in the order in which they were asked for.
        status: Of each value: `present`, `missing` (nothing is known of the entity) or `expired` (too old).
        freshness: Since when each value holds; null where there is none.
    """

    features: list[str]
    values: dict[str, list[Any]]
    status: dict[str, list[str]]
    freshness: dict[str, list[datetime | None]]


@post("/features/online", sync_to_thread=True, tags=["features"], status_code=200)
def read_online(services: FromApp, data: JSONBody[OnlineRequest]) -> OnlineAnswer:
    """Read the newest values of features of some entities, in one exchange with the online store."""
    if bool(data.service) == bool(data.features):
        raise InvalidInputError(
            "Expected either a service or features, found both or neither.",
            hint='Such as {"service": "delay", "entities": {"building": ["b1"]}}.',
        )
    entities = _checked(data.entities)
    result = services.online().read(data.service or list(data.features), entities, data.request or None)
    if len(result) * len(result.features) > _MOST_VALUES:
        raise PayloadTooLargeError(f"At most {_MOST_VALUES:,} values are read at once.", hint="Ask for fewer entities.")
    return OnlineAnswer(**result.as_dict())


def _checked(entities: dict[str, Any] | list[dict[str, Any]]) -> dict[str, Any] | list[dict[str, Any]]:
    """Entities of a form and number that are read."""
    if isinstance(entities, dict):
        for name, values in entities.items():
            if not isinstance(values, list):
                raise InvalidInputError(f"Expected a list of values as '{name}' of the entities, found {values!r:.60}.")
    height = len(entities) if isinstance(entities, list) else max(map(len, entities.values()), default=0)
    if height > _MOST_ENTITIES:
        raise PayloadTooLargeError(
            f"Expected at most {_MOST_ENTITIES:,} entities, found {height:,}.", hint="Ask for them in parts."
        )
    return entities
