"""What is done with versions of datasets once they are there.

| module         | holds                                                                           |
|----------------|---------------------------------------------------------------------------------|
| `tag`          | names that people give to versions                                              |
| `diff`         | two versions compared: columns, rows, keys, distributions                       |
| `row_diff`     | which rows differ, by key or as multisets                                       |
| `distribution` | how far the values of a column moved                                            |
| `usage`        | which versions must stay, since something was made of them                      |
| `retention`    | expires the others                                                              |
| `sweep`        | removes files that no version names                                             |
| `condition`    | which rows are meant, by a key or an SQL condition                              |
| `rewriting`    | a dataset's table, written anew without some rows                               |
| `erasure`      | takes somebody's rows out of all versions                                       |
| `trace_place`  | where else such rows may be                                                     |
"""
