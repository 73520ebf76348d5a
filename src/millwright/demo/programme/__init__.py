"""A seeded generator of a construction programme: projects, activities, their network, and how they went.

Path: `generator.generate` → `plan.draw_plan` (projects, network, planned dates) → `course.run` (what happened, in the
order of the network) → `snapshot.take` (what was known on a day, as a table) → `dirt.soil` (what people type).

One simulation covers both periods, so that the second snapshot finishes what was open in the first.
"""
