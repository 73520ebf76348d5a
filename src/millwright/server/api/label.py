"""Outcomes of predictions, told by the programs that learn of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, TypeAlias

import msgspec
from litestar import Request, post
from litestar.params import JSONBody  # noqa: TC002 - Litestar reads the annotation

from millwright.core.errors import InvalidInputError
from millwright.monitoring.label import LabelResult, LabelService
from millwright.server.api.alert import actor_of
from millwright.server.api.listing import Name  # noqa: TC001 - Litestar reads the annotation
from millwright.server.api.monitor import find_endpoint
from millwright.server.injection import FromApp  # noqa: TC001 - Litestar reads the annotation
from millwright.workspace.duration import read_duration

MOST = 10_000
_Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=1000)]


class Label(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What really happened.

    Attributes:
        prediction_id: As the answer gave it; or `key` names the prediction.
        key: The key that the request gave; it labels every prediction made under it.
        label: A class of the model or a number; null where it is not known.
        observed_at: When it became known, UTC where it names no offset; now when null.
    """

    label: bool | int | float | str | None
    prediction_id: _Text = ""
    key: _Text = ""
    observed_at: datetime | None = None


class Labels(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Some of them.

    Attributes:
        labels: At most 10,000. All are checked before any is stored.
        within: How long after a prediction its outcome may be observed, such as `30d`; a key and `observed_at` then
            name an entity and a time.
        source: Where they come from, for the record.
    """

    labels: Annotated[list[Label], msgspec.Meta(max_length=MOST)]
    within: _Text = ""
    source: _Text = ""


@post("/endpoints/{name:str}/labels", sync_to_thread=True, tags=["monitoring"], status_code=200)
def add_labels(services: FromApp, request: Request[Any, Any, Any], name: Name, data: JSONBody[Labels]) -> LabelResult:
    """Add labels to predictions; what was known already is replaced. Needs the role contributor."""
    find_endpoint(services, name)
    service = LabelService(stores=services.stores, clock=services.clock, actor=actor_of(services, request))
    rows = [msgspec.structs.asdict(each) for each in data.labels]
    return service.add(name, rows, source=data.source or "http", within=_length(data.within))


def _length(text: str) -> timedelta | None:
    if not text:
        return None
    try:
        return read_duration(text)
    except (ValueError, OverflowError) as error:
        raise InvalidInputError(f"'within': {error}; found '{text[:40]}'.", hint="Such as 30m, 2h or 30d.") from None
