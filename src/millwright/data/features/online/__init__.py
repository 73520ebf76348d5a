"""Features online: the newest values of each entity, brought there, kept fresh, read while a prediction waits.

Paths of the main use cases:

- materialize: `OnlineFeatures.materialize` → `Materialization.run` (which rows are new) → `newest_rows` (batch by
  batch) → `OnlineStore.put`, which keeps the newest.
- push: `OnlineFeatures.push` → `push_rows` → `OnlineStore.put` (or `swap`, for windows).
- read: `OnlineReader.read` → `OnlineStore.get`, once → values, ttl, freshness → on-demand views.
"""
