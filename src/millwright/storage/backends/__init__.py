"""Implementations of the stores; only `storage.catalog` opens them, and none knows another."""
