"""What is exported, and how it is to run: one record for every target."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from millwright.core.errors import InvalidInputError
from millwright.deployment.realtime.serve_options import ServeOptions
from millwright.exports.bundle import Bundle, make_bundle
from millwright.exports.requirement import Requirements, serving_requirements
from millwright.models.archive import read_archive
from millwright.models.flavors.catalog import get_flavor
from millwright.models.flavors.flavor import runs_code
from millwright.models.flavors.python import MEMBER as FUNCTION
from millwright.models.function.content import FunctionContent
from millwright.models.package import read_manifest

if TYPE_CHECKING:
    from millwright.core.records.model import ModelVersionRecord

PORT = 8080  # where SageMaker asks, too
READY_PATH = "/v2/health/ready"
LIVE_PATH = "/v2/health/live"
PREFIX = "MILLWRIGHT_"

_MIB = 1 << 20
# A server with a model of some kilobytes takes about 230 MiB; a package is in memory packed, unpacked and loaded.
_BASE_MIB = 512
_COPIES = 4
_NAME_LENGTH = 63  # of a label of Kubernetes, and of a part of a host's name

_IMAGE = re.compile(r"[a-z0-9]+(?:[._:/@-]+[a-zA-Z0-9_]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_CPU = re.compile(r"(?:\d+(?:\.\d+)?|\d+m)")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|k|M|G|T)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BYTES = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportOptions:
    """What whoever exports chooses; each has a sound default.

    Attributes:
        image: The image's name, with its registry; `name:version` when empty.
        builds_image: Whether to describe how the image is built; not when it is there already.
        base: The image to build on; when empty, Python's own slim one of this Python's version.
        namespace: Of Kubernetes; empty for whichever is current.
        min_replicas: Fewest processes.
        max_replicas: Most processes.
        cpu: Of each, as Kubernetes writes it: `1`, `500m`.
        memory: Of each: `512Mi`; by the package's size when empty.
        autoscaler: Who changes the number of replicas on Kubernetes.
        prometheus: Address of the Prometheus that KEDA asks; empty for CPU time alone.
        mode: How KServe runs it: as a Deployment, or by Knative.
        env: Variables for the server.
    """

    image: str = ""
    builds_image: bool = True
    base: str = ""
    namespace: str = ""
    min_replicas: int = 2
    max_replicas: int = 10
    cpu: str = "1"
    memory: str = ""
    autoscaler: Literal["hpa", "keda", "none"] = "hpa"
    prometheus: str = ""
    mode: Literal["standard", "knative"] = "standard"
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what no target could run.

        Raises:
            InvalidInputError: A value is not of its form.
        """
        _check(self.image, _IMAGE, "an image", "registry.example.com/team/late-visit:3")
        _check(self.base, _IMAGE, "an image to build on", "python:3.12-slim")
        _check(self.namespace, _LABEL, "a namespace of Kubernetes", "models")
        _check(self.cpu, _CPU, "an amount of CPU", "2 or 500m")
        _check(self.memory, _MEMORY, "an amount of memory", "1Gi or 512Mi")
        for name in self.env:
            _check(name, _VARIABLE, "the name of a variable", "MILLWRIGHT_SERVE__MAX_ROWS=1000")
        least = 0 if self.mode == "knative" else 1
        if not least <= self.min_replicas <= self.max_replicas or self.max_replicas < 1:
            raise InvalidInputError(
                f"Expected at least {least} replicas, and at most as many as the largest number, found "
                f"{self.min_replicas} to {self.max_replicas}.",
                hint=""
                if least == 0
                else "Without a request in sight only Knative stops all: mw export kserve --mode knative.",
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ServingPlan:
    """A model version on its way to another system.

    Attributes:
        bundle: The version with its package.
        name: Of what is made there: the model's name in small letters, digits and `-`, at most 63.
        image: The image that serves it.
        base: What it is built on.
        requirements: What is installed in it.
        runs_code: Whether the model is Python code, which the server has to be allowed to run.
        memory: Of each process, as Kubernetes writes it.
        drain_s: Longest time that requests in flight may take when a server is asked to stop, in seconds.
        options: What was chosen.
    """

    bundle: Bundle
    name: str
    image: str
    base: str
    requirements: Requirements
    runs_code: bool
    memory: str
    drain_s: float
    options: ExportOptions

    @property
    def ref(self) -> str:
        """The version, as `name@version`."""
        return self.bundle.record.ref

    @property
    def model(self) -> str:
        """The model's name, which is that of its endpoint."""
        return self.bundle.record.name

    @property
    def cpu_cores(self) -> float:
        """CPU of each process, in cores."""
        cpu = self.options.cpu
        return float(cpu[:-1]) / 1000 if cpu.endswith("m") else float(cpu)

    @property
    def memory_bytes(self) -> int:
        """Memory of each process."""
        found = _MEMORY.fullmatch(self.memory)
        if found is None:
            raise AssertionError(self.memory)
        return int(float(found[1]) * _BYTES[found[2] or ""])


def plan_serving(record: ModelVersionRecord, package: bytes, options: ExportOptions | None = None) -> ServingPlan:
    """What to export for a model version.

    Args:
        record: The version.
        package: Its package.
        options: What was chosen.

    Raises:
        InvalidInputError: An MLflow client registered the version, so that it has no package.
        IntegrityError, UnsafeArtifactError, StoreVersionError: The package is not what it should be.
    """
    chosen = options or ExportOptions()
    name = resource_name(record.name)
    manifest = read_manifest(package)
    code = runs_code(get_flavor(str(manifest["flavor"])))
    return ServingPlan(
        bundle=make_bundle(record, package),
        name=name,
        image=chosen.image or f"{name}:{record.version}",
        base=chosen.base or f"python:{platform.python_version()}-slim",
        requirements=serving_requirements(manifest, packages=_own_packages(package) if code else None),
        runs_code=code,
        memory=chosen.memory or f"{_BASE_MIB + _COPIES * -(-len(package) // _MIB)}Mi",
        drain_s=ServeOptions(models=()).drain_seconds,
        options=chosen,
    )


def resource_name(model: str) -> str:
    """A model's name as hosts, images and Kubernetes allow it: small letters, digits and `-`, from a letter on.

    Example:
        >>> resource_name("Schedule delay_v2"), resource_name("2nd"), resource_name("żółw")
        ('schedule-delay-v2', 'model-2nd', 'w')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", model.lower()).strip("-")
    if not plain[:1].isalpha():
        plain = f"model-{plain}".strip("-")
    return plain[:_NAME_LENGTH].rstrip("-")


def _own_packages(package: bytes) -> dict[str, str]:
    """Versions of the distributions that a model's own code needs, by name."""
    members = read_archive(package, what="a model package")
    return dict(FunctionContent.from_bytes(members[FUNCTION]).packages)


def _check(value: str, form: re.Pattern[str], what: str, example: str) -> None:
    if value and not form.fullmatch(value):
        raise InvalidInputError(f"Expected {what}, found '{value[:100]}'.", hint=f"Such as {example}.")
