"""The objects of an event, as the specification names their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from millwright.governance.openlineage.facet import PRODUCER, Facet, Part

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"

_ENCODER = msgspec.json.Encoder()


class Run(Part, frozen=True, kw_only=True, rename="camel"):
    """One run, by its UUID."""

    run_id: str
    facets: dict[str, Facet] = msgspec.field(default_factory=dict)


class Job(Part, frozen=True, kw_only=True, rename="camel"):
    """What was run."""

    namespace: str
    name: str
    facets: dict[str, Facet] = msgspec.field(default_factory=dict)


class DataSet(Part, frozen=True, kw_only=True, rename="camel"):
    """Data, by its name."""

    namespace: str
    name: str
    facets: dict[str, Facet] = msgspec.field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others."""
        return self.namespace, self.name


class WrittenDataSet(DataSet, frozen=True, kw_only=True, rename="camel"):
    """Data that a run wrote, with how much of it."""

    output_facets: dict[str, Facet] = msgspec.field(default_factory=dict)


class RunEvent(Part, frozen=True, kw_only=True, rename="camel"):
    """That a run began or ended.

    Attributes:
        event_type: `START`, `COMPLETE`, `FAIL` or `ABORT`.
        event_time: When, as ISO 8601 in UTC.
    """

    event_type: str
    event_time: str
    run: Run
    job: Job
    inputs: tuple[DataSet, ...] = ()
    outputs: tuple[WrittenDataSet, ...] = ()
    producer: str = PRODUCER
    schema_url: str = msgspec.field(name="schemaURL", default=_SCHEMA)

    def encoded(self) -> bytes:
        """The event as JSON, in one line without its end."""
        return _ENCODER.encode(self)


def present(facets: Mapping[str, Facet | None]) -> dict[str, Facet]:
    """The facets that there are."""
    return {name: facet for name, facet in facets.items() if facet is not None}
