"""Aggregates over windows of events, the same offline and online.

At a moment t, a window that reaches back `over` in steps of `hop` covers the events with

    floor(t, hop) + hop - over ≤ timestamp ≤ t    and    created ≤ t, where events say when they were recorded,

`floor` counting from 1970 in UTC. So it always ends at t, and begins where a step does: it reaches back between
`over - hop` (just after a step) and `over`. Tiles of the length `hop` are all that has to be kept of an entity's past.
With a hop of one microsecond it is `t - over < timestamp ≤ t`, and each event is its own tile.

- Events with the same id (where the view names the column) are one event that came again, with the same timestamp; the
  one that was recorded first counts.
- Null values are passed over. Sums and means are of 64-bit floats, in which NaN stays NaN; offline and online they may
  differ by rounding, as the same numbers are added in another order. For `distinct`, NaN equals NaN, and -0 equals 0.
- `last` orders values by (timestamp, created, order of arrival).
- Where the view has a ttl and an entity's last event is older than that, or there is none, everything is null.

`offline` computes them for many moments from a table of events; `tile` keeps them for one entity, and `value` computes
them from that for the present moment.
"""
