"""The static graph that a pipeline's body builds: drawn, checked and planned before anything runs.

Path of a step's call in a body: `Step.__call__` → `GraphBuilder.add` (binds arguments, collects mistakes) → a `Node`,
and a `StepOutput` for each value it will give. `type_problems` then compares what is given with what is asked for.
"""

from __future__ import annotations

from millwright.pipelines.graph.builder import GraphBuilder, building, current_builder
from millwright.pipelines.graph.check import definition_error, type_problems
from millwright.pipelines.graph.node import CodeScope, Graph, Link, Node
from millwright.pipelines.graph.output import StepOutput
from millwright.pipelines.graph.spec import Output, StepOptions, StepParameter, StepSpec, read_spec

__all__ = [
    "CodeScope",
    "Graph",
    "GraphBuilder",
    "Link",
    "Node",
    "Output",
    "StepOptions",
    "StepOutput",
    "StepParameter",
    "StepSpec",
    "building",
    "current_builder",
    "definition_error",
    "read_spec",
    "type_problems",
]
