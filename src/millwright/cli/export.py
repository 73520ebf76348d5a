"""`mw export docker`, `kubernetes`, `kserve` and `ray-serve`: a model as files that other systems run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from millwright.cli.option import AsJson, start

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from millwright.exports.plan import ExportOptions


class Autoscaler(StrEnum):
    """Who changes the number of replicas."""

    HPA = "hpa"
    KEDA = "keda"
    NONE = "none"


class Mode(StrEnum):
    """How KServe runs a service."""

    STANDARD = "standard"
    KNATIVE = "knative"


_Model: TypeAlias = Annotated[
    str, typer.Argument(help="name@alias, name@version, or name (its champion, else the newest).")
]
_To: TypeAlias = Annotated[Path, typer.Option("--to", help="The folder to write; a new or an empty one.")]
_Force: TypeAlias = Annotated[bool, typer.Option("--force", help="Replace what the folder holds.")]
_Image: TypeAlias = Annotated[
    str, typer.Option(help="The image's name, with the registry where the cluster finds it; else name:version.")
]
_NoBuild: TypeAlias = Annotated[
    bool, typer.Option("--no-build", help="The image is built already; write no folder for it.")
]
_Base: TypeAlias = Annotated[
    str, typer.Option(help="The image to build on, with a shell and Python; else Python's own slim one.")
]
_Namespace: TypeAlias = Annotated[str, typer.Option(help="Of Kubernetes; by default whichever is current.")]
_Replicas: TypeAlias = Annotated[int, typer.Option("--replicas", min=0, help="Processes at least.")]
_MaxReplicas: TypeAlias = Annotated[int, typer.Option("--max-replicas", min=1, help="Processes at most.")]
_Cpu: TypeAlias = Annotated[str, typer.Option(help="CPU cores of each process: 2, or 500m for half of one.")]
_Memory: TypeAlias = Annotated[str, typer.Option(help="Memory of each process: 1Gi; else by the model's size.")]
_Env: TypeAlias = Annotated[
    list[str] | None, typer.Option("--env", help="A variable for the server, NAME=VALUE; any number of times.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("docker")(docker)
    app.command("kubernetes")(kubernetes)
    app.command("kserve")(kserve)
    app.command("ray-serve")(ray_serve)


def docker(
    model: _Model,
    *,
    to: _To,
    image: _Image = "",
    base: _Base = "",
    env: _Env = None,
    force: _Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a folder from which docker builds an image that serves a model, without a registry or a database."""
    from millwright.exports.plan import ExportOptions

    options = ExportOptions(image=image, base=base, env=_variables(env))
    _export("docker", model, to, options, force=force, as_json=as_json)


def kubernetes(
    model: _Model,
    *,
    to: _To,
    image: _Image = "",
    no_build: _NoBuild = False,
    base: _Base = "",
    namespace: _Namespace = "",
    replicas: _Replicas = 2,
    max_replicas: _MaxReplicas = 10,
    cpu: _Cpu = "1",
    memory: _Memory = "",
    autoscaler: Annotated[
        Autoscaler, typer.Option(help="Who adds processes: Kubernetes itself (hpa), KEDA, or nobody.")
    ] = Autoscaler.HPA,
    prometheus: Annotated[str, typer.Option(help="With KEDA: the URL of a Prometheus that scrapes the pods.")] = "",
    env: _Env = None,
    force: _Force = False,
    as_json: AsJson = False,
) -> None:
    """Write manifests for Kubernetes: Deployment, Service, autoscaler, PodDisruptionBudget; and the image's folder."""
    from millwright.exports.plan import ExportOptions

    options = ExportOptions(
        image=image,
        builds_image=not no_build,
        base=base,
        namespace=namespace,
        min_replicas=replicas,
        max_replicas=max_replicas,
        cpu=cpu,
        memory=memory,
        autoscaler=autoscaler.value,
        prometheus=prometheus,
        env=_variables(env),
    )
    _export("kubernetes", model, to, options, force=force, as_json=as_json)


def kserve(
    model: _Model,
    *,
    to: _To,
    image: _Image = "",
    no_build: _NoBuild = False,
    base: _Base = "",
    namespace: _Namespace = "",
    replicas: _Replicas = 1,
    max_replicas: _MaxReplicas = 10,
    cpu: _Cpu = "1",
    memory: _Memory = "",
    mode: Annotated[
        Mode, typer.Option(help="As a Deployment (standard), or by Knative, which can stop the last process, too.")
    ] = Mode.STANDARD,
    env: _Env = None,
    force: _Force = False,
    as_json: AsJson = False,
) -> None:
    """Write an InferenceService for KServe, which speaks Open Inference v2; and the image's folder."""
    from millwright.exports.plan import ExportOptions

    options = ExportOptions(
        image=image,
        builds_image=not no_build,
        base=base,
        namespace=namespace,
        min_replicas=replicas,
        max_replicas=max_replicas,
        cpu=cpu,
        memory=memory,
        mode=mode.value,
        env=_variables(env),
    )
    _export("kserve", model, to, options, force=force, as_json=as_json)


def ray_serve(
    model: _Model,
    *,
    to: _To,
    replicas: Annotated[int, typer.Option(min=1, help="Replicas at least.")] = 1,
    max_replicas: Annotated[int, typer.Option(min=1, help="Replicas at most.")] = 10,
    cpu: _Cpu = "1",
    memory: _Memory = "",
    env: _Env = None,
    force: _Force = False,
    as_json: AsJson = False,
) -> None:
    """Write a Ray Serve application and its configuration, for serve run and serve deploy.

    Predictions are logged where --env MILLWRIGHT_PREDICTIONS=URL says, a place that all nodes reach; else they are not.
    """
    from millwright.exports.plan import ExportOptions

    options = ExportOptions(
        min_replicas=replicas, max_replicas=max_replicas, cpu=cpu, memory=memory, env=_variables(env)
    )
    _export("ray-serve", model, to, options, force=force, as_json=as_json)


def command_of(name: str) -> Callable[..., None]:
    """The command of an installed package's target."""

    def export(
        model: Annotated[
            str, typer.Argument(help="name@alias, name@version, or name (its champion, else the newest).")
        ],
        *,
        to: _To,
        image: _Image = "",
        no_build: _NoBuild = False,
        base: _Base = "",
        namespace: _Namespace = "",
        replicas: _Replicas = 1,
        max_replicas: _MaxReplicas = 10,
        cpu: _Cpu = "1",
        memory: _Memory = "",
        env: _Env = None,
        force: _Force = False,
        as_json: AsJson = False,
    ) -> None:
        from millwright.exports.plan import ExportOptions

        options = ExportOptions(
            image=image,
            builds_image=not no_build,
            base=base,
            namespace=namespace,
            min_replicas=replicas,
            max_replicas=max_replicas,
            cpu=cpu,
            memory=memory,
            env=_variables(env),
        )
        _export(name, model, to, options, force=force, as_json=as_json)

    export.__doc__ = f"Write a model for {name}."
    return export


def _export(name: str, model: str, to: Path, options: ExportOptions, *, force: bool, as_json: bool) -> None:
    from millwright.exports.catalog import get_target
    from millwright.exports.folder import check_folder, write_files
    from millwright.exports.plan import plan_serving

    target = get_target(name)
    check_folder(to, force=force)
    workspace, out = start(as_json=as_json)
    with workspace:
        version = workspace.registry.resolve(model)
        with workspace.progress.task(f"Reading {version.ref}"):
            plan = plan_serving(version, workspace.stores.artifacts.get(version.stored_package()), options)
        files = target.files(plan)
        write_files(files, to, force=force, progress=workspace.progress)
    size = sum(map(len, files.values()))
    out.done(f"{version.ref} is written to {to} for {name}: {len(files)} files, {size / 2**20:,.1f} MiB.")
    for note in plan.requirements.notes():
        out.warn(note)
    commands = target.commands(plan, to)
    for index, command in enumerate(commands):
        out.line(("Next: " if index == 0 else "      ", "dim"), (command, "cyan"))
    out.json(
        {
            "target": name,
            "model": version.ref,
            "package": version.package,
            "image": plan.image,
            "written": str(to),
            "files": sorted(files),
            "warnings": plan.requirements.notes(),
            "next": commands,
        }
    )


def _variables(given: Sequence[str] | None) -> dict[str, str]:
    from millwright.core.errors import InvalidInputError

    found: dict[str, Any] = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise InvalidInputError(
                f"Expected a variable as NAME=VALUE, found '{text[:100]}'.", hint="--env MILLWRIGHT_SERVE__MAX_ROWS=100"
            )
        found[name] = value
    return found
