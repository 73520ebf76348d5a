"""Exports: what Millwright registered, as files that other systems run.

The path of an export, five hops: `cli.export` → `plan.plan_serving` (which model, in which image, with which limits) →
`catalog.get_target` → `Target.files` (what the other system reads) → `folder.write_files`.

| module | thing |
|---|---|
| `bundle` | a model version as a folder that `mw serve` answers from, without a registry |
| `plan` | what is exported, and how it is to run: the same for every target |
| `requirement`, `wheel` | what has to be installed for that, exactly |
| `image` | a build context for a container that serves the bundle |
| `pod` | containers as Kubernetes and what is built on it describe them |
| `docker`, `kubernetes`, `kserve`, `ray_serve` | targets, one module each, which do not know each other |
| `ray_application` | what a Ray Serve replica runs |

Where later work goes: a further target for models is a module with a class of the shape `target.Target`, named in
`catalog.BUILT_IN`, or an installed package's under the entry point group `millwright.exports`. Targets for pipelines
take another plan and have a catalog of their own.
"""

from __future__ import annotations

from millwright.exports.catalog import get_target, target_names
from millwright.exports.plan import ExportOptions, ServingPlan, plan_serving
from millwright.exports.target import Target

__all__ = ["ExportOptions", "ServingPlan", "Target", "get_target", "plan_serving", "target_names"]
