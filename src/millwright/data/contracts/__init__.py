"""Contracts: what must hold for a table, in a YAML file that people edit.

- `contract` is the contract itself; `file` reads and writes it; `inference` proposes one for a table.
- `validation` parses a table to the contract's types and sets aside the rows that break it, with their reasons.
"""
