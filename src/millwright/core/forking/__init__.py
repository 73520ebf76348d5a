"""Processes that begin as copies of one that has loaded what they need: ready in some ms instead of some hundred.

`server` is that one: it has a single thread, loads modules and forks when it is told to. `forker` is the side of who
wants processes: `Forker.start` → a message with the process's streams → `server` forks → its number comes back.
"""
