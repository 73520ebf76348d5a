"""The command line: one file per command group.

Path of a command: `main` → the command's function → `Workspace` → a room. Commands parse, call and print; they decide
nothing.
"""
