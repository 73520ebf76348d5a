"""Cache keys: what a step's result depends on, and nothing else.

Not in a key: the pipeline's and the step's names, paths, the store, the machine, the Git revision, other packages.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_json
from millwright.core.ids import Digest
from millwright.pipelines.annotations import is_external
from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.fingerprint import Fingerprint, Fingerprinter
from millwright.pipelines.fingerprint.origin import (
    Origin,
    distribution_of,
    origin_of_module,
    package_of_module,
)
from millwright.pipelines.fingerprint.walk import short_digest
from millwright.pipelines.graph.check import item_hint, wanted_hint
from millwright.pipelines.hint import alternatives
from millwright.pipelines.runner.declared import declared_environment, declared_packages
from millwright.pipelines.runner.difference import brief, brief_inputs, brief_units
from millwright.pipelines.runner.external import ExternalFile, find_external
from millwright.pipelines.runner.items import ITEMS
from millwright.pipelines.runner.seen_modules import SeenModules

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from millwright.core.records.pipeline import ValueRef
    from millwright.pipelines.context import StepContext
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.graph.spec import StepSpec
    from millwright.pipelines.serializers import ValueTypes

_VERSION = 2  # raised when keys change their meaning, so that no old result is taken for a new one
_OF_ITEMS = ("params", "inputs", "files", "state")  # parts that an item need not share with the others


@dataclass(frozen=True, kw_only=True, slots=True)
class StepKey:
    """What one step's result depends on.

    Attributes:
        digest: The key; None when the step must not be cached.
        make_parts: Makes `parts`. They take as long as the key does, and a plan in which all is cached needs none.
        files: The external files by parameter.
        uncached: Why there is no key though the step may be cached, in words; empty otherwise.
    """

    digest: Digest | None
    make_parts: Callable[[], Mapping[str, Any]] = dict
    files: Mapping[str, tuple[ExternalFile, ...]] = field(default_factory=dict)
    uncached: str = ""

    @property
    def parts(self) -> Mapping[str, Any]:
        """What it is made of, JSON values of a few kB at most, to be recorded: `differences` compares them."""
        return self.make_parts()


def key_of_whole(node: Node, items: Sequence[StepKey]) -> StepKey:
    """What a mapped step's result depends on: the keys of its items, in their order.

    Args:
        node: The mapped node.
        items: The keys of its items.
    """
    digests = [key.digest for key in items]
    outputs = [output.name for output in node.spec.outputs]
    # Without keys the parts are all that tells two lists apart, and those of one item cannot.
    made = [key.parts for key in items] if not all(digests) else []
    own = [{name: parts.get(name) for name in _OF_ITEMS} for parts in made]
    parts = {
        "items": len(items),
        **(items[0].parts if items else {}),
        **({"each": short_digest(json.dumps(own, sort_keys=True, default=str))} if own else {}),
    }
    return StepKey(
        digest=digest_json(["map", outputs, digests]) if all(digests) else None,
        make_parts=lambda: parts,
        uncached=next((key.uncached for key in items if key.uncached), ""),
    )


class KeyMaker:
    """Makes the keys of one graph's steps.

    All fingerprints are made at once, before any step runs: values of globals count as they are after the modules were
    loaded, not as a step leaves them. Files and environment variables are read once per run, too.

    Args:
        nodes: The steps.
        types: Tells which library reads a value.
        project_dir: Where relative paths begin.

    Raises:
        InvalidInputError: A step declares a package that is not installed.
    """

    def __init__(self, nodes: Iterable[Node], types: ValueTypes, project_dir: Path) -> None:
        self._types = types
        self._project_dir = project_dir
        self._files: dict[str, ExternalFile] = {}
        self._libraries: dict[tuple[int, str, bool, str], list[str]] = {}
        self._fixed: dict[int, _FixedParts] = {}
        nodes = list(nodes)
        specs = {id(node.spec): node.spec for node in nodes}
        packages = declared_packages(specs.values())
        fingerprinter = Fingerprinter()
        made: dict[int, Fingerprint] = {}
        for spec in specs.values():
            if id(spec.function) not in made:
                made[id(spec.function)] = fingerprinter.of(spec.function)
            self._fixed[id(spec)] = _FixedParts.of(spec, made[id(spec.function)], packages)
        self.fingerprints: dict[str, Fingerprint] = {node.name: made[id(node.spec.function)] for node in nodes}
        # What is loaded now is what fingerprints could see; a step that loads more does so behind their back.
        self.modules = SeenModules(sys.modules)

    def check_files(self, nodes: Iterable[Node]) -> None:
        """Find the files that steps name, so that a missing one is told before anything runs.

        Raises:
            NotFoundError: One is not there.
            InvalidInputError: One cannot be read.
        """
        for node in nodes:
            self.files(node, node.values)

    def named_files(self, node: Node) -> tuple[Path, ...]:
        """Files and folders that are there and that a step's code names where it reads, declared or not.

        `Watch` is told of them: Polars and others read without Python's knowledge.
        """
        reads = self._fixed[id(node.spec)].reads
        places = (base / path for path in reads if "://" not in path for base in (self._project_dir, Path.cwd()))
        return tuple(dict.fromkeys(place for place in places if place.exists()))

    def key(
        self, node: Node, inputs: Mapping[str, ValueRef], context: StepContext, linked: Mapping[str, Any]
    ) -> StepKey:
        """The key of a step whose inputs are there.

        Args:
            node: The step.
            inputs: Stored values by the names in `node.links`.
            context: Given to the step's `state`.
            linked: Values of those inputs that name files.
        """
        options, fixed = node.spec.options, self._fixed[id(node.spec)]
        files = {**self.files(node, node.values), **self.files(node, linked)}
        counted = {
            "version": _VERSION,
            "code": fixed.code,
            "params": {name: value for name, value in node.plain.items() if name not in files},
            "inputs": {name: [ref.serializer, ref.digest] for name, ref in inputs.items() if name not in files},
            "files": {name: [file.key for file in found] for name, found in files.items()},
            "libraries": self._libraries_of(node, inputs),
            "packages": fixed.declared,
            "environ": fixed.environ,
            "state": options.state(context, dict(node.values)) if options.state else None,
            "extras": options.extras,
        }
        unknown = [file.why or file.shown for found in files.values() for file in found if file.digest is None]
        digest = None if unknown or not options.cache else digest_json(counted)
        uncached = "; ".join(unknown if options.cache else ())
        make_parts = partial(_brief_parts, counted, fixed, files, node)
        return StepKey(digest=digest, make_parts=make_parts, files=files, uncached=uncached)

    def files(self, node: Node, values: Mapping[str, Any]) -> dict[str, tuple[ExternalFile, ...]]:
        """The external files that arguments name, by parameter."""
        found: dict[str, tuple[ExternalFile, ...]] = {}
        for name, parameter in node.spec.parameters.items():
            value = values.get(name)
            if value is not None and (parameter.external or is_external(value)):
                listed = value if isinstance(value, list | tuple) else [value]
                found[name] = tuple(self._file(each, node.name, name) for each in listed)
        return found

    def _file(self, value: Any, step: str, parameter: str) -> ExternalFile:
        if str(value) not in self._files:
            self._files[str(value)] = find_external(value, self._project_dir, step=step, parameter=parameter)
        return self._files[str(value)]

    def _libraries_of(self, node: Node, inputs: Mapping[str, ValueRef]) -> list[str]:
        """`package==version` of the libraries whose objects the step is given; their methods are its code, too."""
        found: set[str] = set()
        for name, ref in inputs.items():
            parameter, is_item, _ = name.partition("[")
            known = (id(node.spec), f"{parameter}{is_item}", parameter in node.mapped, ref.serializer)
            if known not in self._libraries:
                self._libraries[known] = self._libraries_of_one(node, name, ref.serializer)
            found.update(self._libraries[known])
        return sorted(found)

    def _libraries_of_one(self, node: Node, name: str, serializer: str) -> list[str]:
        hint = item_hint(wanted_hint(node, name)) if serializer == ITEMS else wanted_hint(node, name)
        kinds = [kind for member in alternatives(hint) if (kind := runtime_class(member))]
        # The items of a list have serializers of their own; what the step asks for tells their library.
        stored = "" if serializer == ITEMS else getattr(self._types.named(serializer), "library", "")
        modules = [kind.__module__ for kind in kinds] or ([stored] if stored else [])
        return [package_of_module(module) for module in modules if origin_of_module(module) is Origin.PACKAGE]


@dataclass(frozen=True, kw_only=True, slots=True)
class _FixedParts:
    """What the keys of all nodes of one step share."""

    function: str
    code: Digest
    units: Mapping[str, Any]
    packages: tuple[str, ...]
    declared: list[str]
    environ: Mapping[str, Digest | None]
    reads: tuple[str, ...]

    @classmethod
    def of(cls, spec: StepSpec, fingerprint: Fingerprint, packages: Mapping[str, str]) -> _FixedParts:
        """The parts of a step.

        Args:
            spec: The step.
            fingerprint: That of its function.
            packages: Versions by the names that steps declare.
        """
        return cls(
            function=spec.label,
            code=fingerprint.digest,
            units=brief_units(fingerprint.parts),
            packages=tuple(distribution_of(each) for each in fingerprint.packages),
            declared=sorted({packages[name] for name in spec.options.packages}),
            environ=declared_environment(spec.options.environ),
            reads=fingerprint.reads,
        )


def _brief_parts(
    counted: Mapping[str, Any], fixed: _FixedParts, files: Mapping[str, tuple[ExternalFile, ...]], node: Node
) -> dict[str, Any]:
    """What is kept of a key; values of environment variables only as a few digits of their digests."""
    libraries = (distribution_of(each) for each in counted["libraries"])
    parts = {
        "version": _VERSION,
        "function": fixed.function,
        "code": fixed.code[:16],
        "units": fixed.units,
        "packages": sorted({*fixed.packages, *fixed.declared, *libraries}),
        "environ": {name: found and short_digest(found) for name, found in fixed.environ.items()},
        "params": {name: brief(value) for name, value in counted["params"].items()},
        "inputs": brief_inputs(counted["inputs"]),
        "from": {name: node.links[name].step for name in counted["inputs"] if name in node.links and "[" not in name},
        "files": {
            name: [[file.shown, file.digest and short_digest(f"{file.key}")] for file in found]
            for name, found in files.items()
        },
        "state": counted["state"] and short_digest(str(counted["state"])),
        "extras": brief(counted["extras"]),
    }
    return {name: value for name, value in parts.items() if value not in (None, {}, [])}
