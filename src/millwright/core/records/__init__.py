"""Frozen records, one family per module. No I/O, and no reference back to a store."""
