"""The one façade: reads the configuration, builds the stores and joins the rooms.

Path of `mw run`: `cli.run` → `Workspace.run` (loads the pipeline, snapshots its code) → `PipelineRunner.run` → a step →
a room's function → a store.
"""
