"""What would be executed, told without executing, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from millwright.core.records.pipeline import PipelineRunRecord, StepRunRecord, StepStatus
from millwright.pipelines.context import StepContext
from millwright.pipelines.graph.node import Link, Node
from millwright.pipelines.runner.difference import differences, enumerated
from millwright.pipelines.runner.freshness import age_s, duration_text, is_fresh
from millwright.pipelines.runner.key import KeyMaker, StepKey, key_of_whole
from millwright.pipelines.runner.options import RunOptions, StepForecast
from millwright.pipelines.runner.resumption import why_not_taken
from millwright.pipelines.runner.shelf import ValueShelf
from millwright.pipelines.runner.watch import UNSEEN
from millwright.storage.base import PipelineStore

if TYPE_CHECKING:
    from millwright.core.records.pipeline import ValueRef

ItemNodes = Callable[[Node, Mapping[str, Link], ValueShelf], Sequence[tuple[Node, Mapping[str, Link]]]]

_RUNS_BACK = 20


def forecast(
    nodes: Sequence[Node],
    options: RunOptions,
    *,
    keys: KeyMaker,
    shelf: ValueShelf,
    pipelines: PipelineStore,
    context: Callable[[Node], StepContext],
    items: ItemNodes | None = None,
) -> list[StepForecast]:
    """What would become of each step, as far as it can be known before earlier ones are executed.

    Args:
        nodes: The steps, each after those it needs.
        options: How they would be run.
        keys: Makes their keys.
        shelf: Where values are placed that would be taken.
        pipelines: What was executed before.
        context: What a step's `state` would be told.
        items: The nodes that a mapped node stands for, with where their arguments come from; without it, mapped steps
            are not looked into.
    """
    seen = _Seen(options=options, keys=keys, shelf=shelf, pipelines=pipelines, context=context, items=items)
    told: list[StepForecast] = []
    for node in nodes:
        found = _forecast_one(node, seen)
        if not found.cached:
            seen.unknown.add(node.name)
        told.append(found)
    return told


@dataclass(kw_only=True, slots=True)
class _Seen:
    """What is needed for all steps, and what was found of earlier ones."""

    options: RunOptions
    keys: KeyMaker
    shelf: ValueShelf
    pipelines: PipelineStore
    context: Callable[[Node], StepContext]
    items: ItemNodes | None
    unknown: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    latest: dict[str, StepRunRecord] = field(default_factory=dict)
    runs: list[PipelineRunRecord] | None = None

    def last(self, node: Node) -> StepRunRecord | None:
        """The latest result of a step of that name in runs of this pipeline."""
        if self.runs is None:
            pipeline = self.context(node).pipeline
            self.runs = self.pipelines.list_pipeline_runs(pipeline=pipeline, limit=_RUNS_BACK)[::-1]
        while node.name not in self.latest and self.runs:
            for record in self.pipelines.list_step_runs(self.runs.pop().id):
                if record.status in {StepStatus.COMPLETED, StepStatus.CACHED} and not record.part_of:
                    self.latest.setdefault(record.step, record)
        return self.latest.get(node.name)


def _forecast_one(node: Node, seen: _Seen) -> StepForecast:
    options, shelf = seen.options, seen.shelf
    pinned = options.pinned.get(node.name)
    if pinned is not None:
        shelf.place(node.name, pinned.outputs)
        return StepForecast(step=node.name, cached=True, reason="its recorded result is pinned", cached_from=pinned.id)
    skipped = _reason_to_skip(node, seen)
    if skipped:
        seen.skipped.add(node.name)
        return StepForecast(step=node.name, cached=None, reason=skipped, skipped=True)
    recorded = options.resumed.get(node.name)
    if node.name in options.force or (recorded is None and not options.use_cache):
        return StepForecast(step=node.name, cached=False, reason="asked for")
    if recorded is None and not node.spec.options.cache:
        return StepForecast(step=node.name, cached=False, reason="it is never cached")
    waited_for = sorted({link.step for link in node.sources if link.step in seen.unknown - seen.skipped})
    if waited_for:
        return StepForecast(step=node.name, cached=None, reason=f"depends on what {', '.join(waited_for)} will give")
    if node.mapped and seen.items is None:
        return StepForecast(step=node.name, cached=None, reason="each of its items is looked up when it is run")
    key = _key(node, seen)
    return _by_key(node, key, seen) if recorded is None else _resumed(node, key, recorded, seen)


def _resumed(node: Node, key: StepKey, recorded: StepRunRecord, seen: _Seen) -> StepForecast:
    """What would become of a step that the resumed run had finished."""
    why = why_not_taken(recorded, key, seen.shelf, strict=seen.options.strict)
    if why:
        may_look = seen.options.use_cache and node.spec.options.cache
        found = _by_key(node, key, seen) if may_look else StepForecast(step=node.name, cached=False, reason=why)
        return found if found.cached else replace(found, reason=why)
    seen.shelf.place(node.name, recorded.outputs)
    reason = f"it finished in run {recorded.pipeline_run_id[-8:]}, and nothing that it depends on has changed"
    source = recorded.cached_from or recorded.id
    return StepForecast(step=node.name, cached=True, reason=reason, cache_key=key.digest, cached_from=source)


def _by_key(node: Node, key: StepKey, seen: _Seen) -> StepForecast:
    if key.digest is None:
        why = f"what it reads is not known beforehand: {key.uncached}" if key.uncached else "it has no key"
        return StepForecast(step=node.name, cached=False, reason=why)
    hit, now = seen.pipelines.find_cached(key.digest), seen.context(node).clock.now()
    if hit is None:
        reason = _why(key, seen.last(node))
    elif not is_fresh(hit, ttl := node.spec.options.cache_ttl_s, now):
        age = duration_text(age_s(hit, now))
        reason = f"its result is {age} old, and counts for {duration_text(ttl or 0)} (cache_ttl)"
    elif not seen.shelf.has_all(hit.outputs):
        reason = "its stored result is gone"
    elif seen.options.strict and UNSEEN in hit.summary:
        reason = "its result depends on what its key does not see, and the run is strict"
    else:
        seen.shelf.place(node.name, hit.outputs)
        same = f"same code and input as in step run {hit.id[-8:]}"
        return StepForecast(step=node.name, cached=True, reason=same, cache_key=key.digest, cached_from=hit.id)
    return StepForecast(step=node.name, cached=False, reason=reason, cache_key=key.digest)


def _why(key: StepKey, last: StepRunRecord | None) -> str:
    if last is None:
        return "no result with this code and input, and it has not run before"
    changed = differences(last.key_parts, key.parts)
    if not changed:
        return "no result with this code and input"
    return f"{enumerated(changed)} since run {last.pipeline_run_id[-8:]}"


def _key(node: Node, seen: _Seen) -> StepKey:
    links = seen.shelf.links(node) or {}
    if not node.mapped:
        return _key_of_one(node, links, seen)
    listed = seen.items(node, links, seen.shelf) if seen.items else ()
    return key_of_whole(node, [_key_of_one(item, item_links, seen) for item, item_links in listed])


def _key_of_one(node: Node, links: Mapping[str, Link], seen: _Seen) -> StepKey:
    shelf = seen.shelf
    inputs: dict[str, ValueRef] = {}
    linked: dict[str, Any] = {}
    for name, link in links.items():
        kind, digest = shelf.identity(link)
        inputs[name] = replace(shelf.ref(link), serializer=kind, digest=digest)
        if node.spec.parameters[name.partition("[")[0]].external:
            linked[name] = shelf.fetch(link, Any)
    return seen.keys.key(node, inputs, seen.context(node), linked)


def _reason_to_skip(node: Node, seen: _Seen) -> str:
    """Why a step would certainly not be executed; empty when it would, or when that is not known yet."""
    for condition in node.conditions:
        step = condition.link.step
        if step in seen.skipped:
            return f"step '{step}', on which it depends, would be skipped"
        if step not in seen.unknown and not condition.holds(seen.shelf.fetch(condition.link, Any)):
            return f"the condition does not hold: {condition.describe()}"
    for name, link in node.links.items():
        places = [each.step for each in (link, *node.others.get(name, ()))]
        if all(step in seen.skipped for step in places):
            return f"step '{places[0]}', whose output it needs, would be skipped"
    return ""
