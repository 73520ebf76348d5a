"""What would be executed, told without executing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from millwright.pipelines.runner.options import StepForecast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.pipelines.context import StepContext
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.runner.key import KeyMaker
    from millwright.pipelines.runner.options import RunOptions
    from millwright.pipelines.runner.shelf import ValueShelf
    from millwright.storage.base import PipelineStore


def forecast(
    nodes: Sequence[Node],
    options: RunOptions,
    *,
    keys: KeyMaker,
    shelf: ValueShelf,
    pipelines: PipelineStore,
    context: Callable[[Node], StepContext],
) -> list[StepForecast]:
    """What would become of each step, as far as it can be known before earlier ones are executed."""
    told: list[StepForecast] = []
    unknown: set[str] = set()
    for node in nodes:
        found = _forecast_one(node, options, unknown, keys=keys, shelf=shelf, pipelines=pipelines, context=context)
        if not found.cached:
            unknown.add(node.name)
        told.append(found)
    return told


def _forecast_one(
    node: Node,
    options: RunOptions,
    unknown: set[str],
    *,
    keys: KeyMaker,
    shelf: ValueShelf,
    pipelines: PipelineStore,
    context: Callable[[Node], StepContext],
) -> StepForecast:
    pinned = options.pinned.get(node.name)
    if pinned is not None:
        shelf.place(node.name, pinned.outputs)
        return StepForecast(step=node.name, cached=True, reason="its recorded result is pinned", cached_from=pinned.id)
    if node.name in options.force or not options.use_cache:
        return StepForecast(step=node.name, cached=False, reason="asked for")
    if not node.spec.options.cache:
        return StepForecast(step=node.name, cached=False, reason="it is never cached")
    waited_for = sorted({link.step for link in node.links.values() if link.step in unknown})
    if waited_for:
        return StepForecast(step=node.name, cached=None, reason=f"depends on what {', '.join(waited_for)} will give")
    inputs = {name: shelf.ref(link) for name, link in node.links.items()}
    external = [name for name in node.links if node.spec.parameters[name.partition("[")[0]].external]
    linked = {name: shelf.fetch(node.links[name], Any) for name in external}
    key = keys.key(node, inputs, context(node), linked).digest
    if key is None:
        return StepForecast(
            step=node.name, cached=False, reason="it reads a URL, whose content is not known beforehand"
        )
    hit = pipelines.find_cached(key)
    if hit is None:
        return StepForecast(step=node.name, cached=False, reason="no result with this code and input", cache_key=key)
    if not shelf.has_all(hit.outputs):
        return StepForecast(step=node.name, cached=False, reason="its stored result is gone", cache_key=key)
    shelf.place(node.name, hit.outputs)
    reason = f"same code and input as in step run {hit.id[-8:]}"
    return StepForecast(step=node.name, cached=True, reason=reason, cache_key=key, cached_from=hit.id)
