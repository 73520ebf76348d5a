"""Online stores: embedded (LMDB), Redis and PostgreSQL.

None of these modules imports another; what they share is in `storage.base.online`.
"""
