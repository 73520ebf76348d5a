"""Cache keys: what a step's result depends on, and nothing else.

Not in a key: the pipeline's and the step's names, paths, the store, the machine, the Git revision, other packages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from millwright.core.digest import digest_json
from millwright.core.ids import Digest
from millwright.pipelines.compatibility import runtime_class
from millwright.pipelines.fingerprint import Fingerprint, Fingerprinter
from millwright.pipelines.fingerprint.origin import Origin, origin_of_module, package_of_module
from millwright.pipelines.graph.check import wanted_hint
from millwright.pipelines.hint import alternatives
from millwright.pipelines.runner.external import ExternalFile, find_external

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from millwright.core.records.pipeline import ValueRef
    from millwright.pipelines.context import StepContext
    from millwright.pipelines.graph.node import Node
    from millwright.pipelines.serializers import ValueTypes

_VERSION = 1  # raised when keys change their meaning, so that no old result is taken for a new one


@dataclass(frozen=True, kw_only=True, slots=True)
class StepKey:
    """What one step's result depends on.

    Attributes:
        digest: The key; None when the step must not be cached.
        parts: What it is made of, JSON values: to say what changed.
        files: The external files by parameter.
    """

    digest: Digest | None
    parts: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[ExternalFile, ...]] = field(default_factory=dict)


class KeyMaker:
    """Makes the keys of one graph's steps.

    All fingerprints are made at once, before any step runs: values of globals count as they are after the modules were
    loaded, not as a step leaves them. Files are read once per run, too.

    Args:
        nodes: The steps.
        types: Tells which library reads a value.
        project_dir: Where relative paths begin.
    """

    def __init__(self, nodes: Iterable[Node], types: ValueTypes, project_dir: Path) -> None:
        self._types = types
        self._project_dir = project_dir
        self._files: dict[str, ExternalFile] = {}
        fingerprinter = Fingerprinter()
        made: dict[int, Fingerprint] = {}
        self.fingerprints: dict[str, Fingerprint] = {}
        for node in nodes:
            function = node.spec.function
            if id(function) not in made:
                made[id(function)] = fingerprinter.of(function)
            self.fingerprints[node.name] = made[id(function)]

    def check_files(self, nodes: Iterable[Node]) -> None:
        """Find the files that steps name, so that a missing one is told before anything runs.

        Raises:
            NotFoundError: One is not there.
            InvalidInputError: One cannot be read.
        """
        for node in nodes:
            self.files(node, node.values)

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
        options = node.spec.options
        files = {**self.files(node, node.values), **self.files(node, linked)}
        parts = {
            "version": _VERSION,
            "code": self.fingerprints[node.name].digest,
            "params": {name: value for name, value in node.plain.items() if name not in files},
            "inputs": {name: [ref.serializer, ref.digest] for name, ref in inputs.items() if name not in files},
            "files": {name: [file.key for file in found] for name, found in files.items()},
            "libraries": self._libraries(node, inputs),
            "state": options.state(context, dict(node.values)) if options.state else None,
            "extras": options.extras,
        }
        unknown = any(file.digest is None for found in files.values() for file in found)
        digest = None if unknown or not options.cache else digest_json(parts)
        return StepKey(digest=digest, parts=parts, files=files)

    def files(self, node: Node, values: Mapping[str, Any]) -> dict[str, tuple[ExternalFile, ...]]:
        """The external files that arguments name, by parameter."""
        found: dict[str, tuple[ExternalFile, ...]] = {}
        for name, parameter in node.spec.parameters.items():
            value = values.get(name)
            if parameter.external and value is not None:
                listed = value if isinstance(value, list | tuple) else [value]
                found[name] = tuple(self._file(each, node.name, name) for each in listed)
        return found

    def _file(self, value: Any, step: str, parameter: str) -> ExternalFile:
        if str(value) not in self._files:
            self._files[str(value)] = find_external(value, self._project_dir, step=step, parameter=parameter)
        return self._files[str(value)]

    def _libraries(self, node: Node, inputs: Mapping[str, ValueRef]) -> list[str]:
        """`package==version` of the libraries whose objects the step is given; their methods are its code, too."""
        found: set[str] = set()
        for name, ref in inputs.items():
            kinds = [kind for member in alternatives(wanted_hint(node, name)) if (kind := runtime_class(member))]
            stored = getattr(self._types.named(ref.serializer), "library", "")
            modules = [kind.__module__ for kind in kinds] or ([stored] if stored else [])
            found.update(package_of_module(name) for name in modules if origin_of_module(name) is Origin.PACKAGE)
        return sorted(found)
