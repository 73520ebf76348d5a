"""The columns of a snapshot: what each means, and which of them nobody knows when an activity starts."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: As in the header.
        meaning: What it holds, with its unit.
        unknown_because: Why it is not known at the activity's start; empty when it is.
    """

    name: str
    meaning: str
    unknown_because: str = ""


COLUMNS = (
    Column("activity_id", "Key: project, trade and zone"),
    Column("project_id", "Key of the project; its activities depend on one another"),
    Column("project_type", "What is built"),
    Column("region", "Where it is built"),
    Column("activity_type", "The trade"),
    Column("contractor", "Who does it; sometimes not filled in"),
    Column("crew_size", "People in the crew"),
    Column("crew_load", "Work on the crew's plate against what it is sized for; 1 is full; sometimes not filled in"),
    Column("planned_start", "By the plan's last revision before the start, YYYY-MM-DD"),
    Column("planned_end", "Likewise"),
    Column("planned_duration_days", "Between the two, in days"),
    Column("float_days", "How late it may be without making the project late, in days, by the first plan"),
    Column("start", "When it really started, YYYY-MM-DD"),
    Column("predecessors", "How many activities it had to wait for"),
    Column("predecessor_delay_days", "How late the worst of them ended, in days; they all have when it starts"),
    Column("permit_status", "At the start: granted, conditional, pending, or not required"),
    Column("weather_risk", "Forecast for its weeks, 0 to 1; sometimes not there"),
    Column("change_orders_before_start", "Change orders that it had when it started"),
    Column("material_lead_weeks", "What suppliers quoted for its materials, in weeks"),
    Column("budget", "Planned cost in currency units; sometimes not filled in"),
    Column("snapshot_date", "The day of the snapshot, YYYY-MM-DD", "the snapshot is taken later"),
    Column("status", "complete or in progress, on the day of the snapshot", "it says whether the activity has ended"),
    Column("actual_end", "YYYY-MM-DD; empty while in progress", "it is the outcome"),
    Column(
        "actual_cost", "In currency units; empty while in progress", "costs are added up when the activity has ended"
    ),
)
NAMES = tuple(column.name for column in COLUMNS)
# Column → why it must not be a feature of a prediction made at the start: what a leakage check asks for.
UNKNOWN_AT_START = MappingProxyType(
    {column.name: column.unknown_because for column in COLUMNS if column.unknown_because}
)
