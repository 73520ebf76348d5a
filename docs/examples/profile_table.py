"""What is in a table: its profile, and summaries of batches that merge."""

from __future__ import annotations

import polars as pl

from millwright.data.profiles import merge, profile, profile_of, summarize

# --8<-- [start:profile]
table = pl.DataFrame(
    {
        "phase": ["design", "build", "build", None],
        "days": [30, 120, 95, 41],
        "contact": ["ann@example.org", "bo@example.org", "cy@example.org", "di@example.org"],
    }
)
found = profile(table)
print(found.column("days").quantiles["0.5"])
print(found.column("phase").summary())
print(found.column("contact").personal, found.column("contact").summary())
# --8<-- [end:profile]

# --8<-- [start:merge]
monday = summarize(table.head(2))
tuesday = summarize(table.tail(2))
week = merge(monday, tuesday)  # reads neither table again
kept = week.to_bytes()
print(profile_of(week).column("days").mean, len(kept))
# --8<-- [end:merge]
