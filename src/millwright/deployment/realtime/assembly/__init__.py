"""A server process put together from its parts: its endpoints, its counters and log, and its place among others.

`ServingProcess` holds what a process has, `ServedEndpoint` one model of it, `Attendance` what it tells other processes.
"""
