"""What a dataset version came from, down to files and columns, and what came of it.

| module    | holds                                                                     |
|-----------|---------------------------------------------------------------------------|
| `graph`   | walks the recorded edges in either direction                              |
| `tree`    | what one thing came from, as a tree for people                            |
| `column`  | which columns of its inputs each column of a table was computed from      |
"""
