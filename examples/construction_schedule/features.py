"""What is known when a phase starts."""

from __future__ import annotations

import polars as pl
from phases import LATE_AFTER_DAYS

from millwright.data.features.point_in_time import Aggregate, AggregateKind, History, history_as_known

# Trades by words of the free-text description, the first that matches; what people would sort the work by.
TRADES = {
    "roof": "ROOF|PARAPET|FLOOD ELIM",
    "facade": "MASONRY|EXTERIOR|FACADE|WINDOW|BRICK",
    "heating": "BOILER|CLIMATE|HEATING|HVAC|AIR CONDITION|VENTILAT|FUEL|BURNER",
    "electrical": "ELECTRIC|LIGHTING|FIRE ALARM|LOW VOLTAGE|PUBLIC ADDRESS|SAFETY SYSTEM",
    "technology": "TECHNOLOGY|LAPTOP|COMPUTER|SMARTBOARD|WIRELESS|INTERNET",
    "new building": "NEW SCHOOL|ADDITION|ANNEX|CAPACITY|LEASE",
    "rooms": "BATHROOM|TOILET|KITCHEN|CAFETERIA|LIBRARY|GYM|AUDITORIUM|LAB|CLASSROOM|ROOM",
    "outdoor": "PLAYGROUND|SCHOOLYARD|ATHLETIC|FIELD|PAVING|YARD",
    "access": "ACCESSIB|ELEVATOR|RAMP|LIFT",
    "structure": "STRUCT|FLOOR|ASBESTOS|LEAD|PLUMBING|WATER|DRAIN|GAS",
}
BOROUGHS = {"M": "Manhattan", "X": "Bronx", "K": "Brooklyn", "Q": "Queens", "R": "Staten Island"}

# Earlier phases that agree in these columns, and what is taken of them: how many had ended, by how many days they
# overran on average, which share was late. How many phases a whole district has ended says only how late in the
# calendar it is, so of districts and kinds of work the share alone is taken.
HISTORIES = {
    "project": (("project",), ("ended", "mean_overrun", "late_share")),
    "building": (("building",), ("ended", "mean_overrun", "late_share")),
    "kind": (("project_type", "phase"), ("late_share",)),
    "district": (("district",), ("late_share",)),
}
AGGREGATES = {
    "ended": Aggregate(AggregateKind.COUNT),
    "mean_overrun": Aggregate(AggregateKind.MEAN, "overrun"),
    "late_share": Aggregate(AggregateKind.MEAN, "overran"),
}

FEATURES = [
    "borough",
    "district",
    "project_type",
    "phase",
    "trade",
    "budget",
    "planned_days",
    "start_month",
    "description_length",
    *(f"{name}_{figure}" for name, (_, figures) in HISTORIES.items() for figure in figures),
]

NOT_KNOWN_AT_START = {
    "ended": "it is the outcome",
    "final_cost": "the estimate through the end of the phase is made when it ends",
    "spending": "money is spent during the phase",
    "status": "it says whether the phase has ended",
}


def phase_features(phases: pl.DataFrame) -> pl.DataFrame:
    """Every dated phase with its features beside the columns it had.

    Histories look only at phases that had ended before this one started: how those went was known on that day.

    Args:
        phases: As `phases.label_phases` gives them.
    """
    overrun = (pl.col("ended") - pl.col("planned_end")).dt.total_days()
    table = phases.filter(pl.col("started").is_not_null() & pl.col("planned_end").is_not_null()).with_columns(
        borough=pl.col("building").str.slice(0, 1).replace_strict(BOROUGHS, default=None),
        district=pl.col("district").cast(pl.String),
        trade=_trade(pl.col("description").str.to_uppercase()),
        planned_days=(pl.col("planned_end") - pl.col("started")).dt.total_days(),
        start_month=pl.col("started").dt.month(),
        description_length=pl.col("description").str.len_chars(),
    )
    outcomes = table.filter(pl.col("ended").is_not_null()).with_columns(
        overrun=overrun, overran=(overrun > LATE_AFTER_DAYS).cast(pl.Float64)
    )
    for name, (entity, figures) in HISTORIES.items():
        aggregates = {f"{name}_{figure}": AGGREGATES[figure] for figure in figures}
        history = History(entity=entity, at="started", known_at="ended", aggregates=aggregates)
        table = history_as_known(table, outcomes, history)
    return table


def _trade(description: pl.Expr) -> pl.Expr:
    found: pl.Expr = pl.lit("other")
    for trade, words in reversed(TRADES.items()):
        found = pl.when(description.str.contains(words)).then(pl.lit(trade)).otherwise(found)
    return found
