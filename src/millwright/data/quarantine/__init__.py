"""Rows that broke a contract: kept in datasets of their own, shown, repaired and replayed.

| module    | holds                                                                                     |
|-----------|-------------------------------------------------------------------------------------------|
| `context` | what a contract is judged by in a workspace: the time, the former version, other datasets |
| `checked` | validates a dataset version, sets rows aside and records which contract it holds          |
| `latest`  | writes that become the latest version                                                    |
| `catalog` | lists quarantines and shows the reasons                                                   |
| `repair`  | writes corrected versions of a quarantine: by an edited file, or by SQL expressions       |
| `replay`  | validates repaired rows again and brings those that hold into the dataset                 |
"""
