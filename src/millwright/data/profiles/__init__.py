"""Profiles: what is in each version of a dataset.

`profile` describes a table exactly; `summarize` reduces it to what merges, and `profile_of` describes it from that.

Path of a write: `store_profile` (all rows) or `update_profile` (the added rows, when that will do) → `profile`,
`summarize`, `merge` → an artifact, whose digest the version's record holds → `load_profile`.
"""

from __future__ import annotations

from millwright.data.profiles.estimate import profile_of
from millwright.data.profiles.measuring import QUANTILES, profile
from millwright.data.profiles.record import (
    ColumnProfile,
    Correlation,
    Histogram,
    ProfileKind,
    SemanticKind,
    TableProfile,
    TextLengths,
    TopValue,
)
from millwright.data.profiles.storing import find_profile, load_profile, load_summary, store_profile, update_profile
from millwright.data.profiles.summary import TableSummary, merge, summarize

__all__ = [
    "QUANTILES",
    "ColumnProfile",
    "Correlation",
    "Histogram",
    "ProfileKind",
    "SemanticKind",
    "TableProfile",
    "TableSummary",
    "TextLengths",
    "TopValue",
    "find_profile",
    "load_profile",
    "load_summary",
    "merge",
    "profile",
    "profile_of",
    "store_profile",
    "summarize",
    "update_profile",
]
