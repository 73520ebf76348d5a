"""The demonstration: a construction programme that we make up, and the closed loop run on it.

`programme` generates two snapshots of one programme of building projects, seeded, the second of which has drifted.
`projects` holds the project files (contract, gates, pipeline) that the loop uses, as package data.

Path of `mw demo`: command → scenario → `Workspace` → rooms. The generator is called once a snapshot; it knows no room.
"""
