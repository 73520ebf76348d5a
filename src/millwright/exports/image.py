"""A build context: everything that an image needs to serve a bundle, but for the packages that pip fetches.

| path | what |
|---|---|
| `Dockerfile` | how the image is built |
| `requirements.txt` | exact versions of all that Millwright needs to serve, and the model |
| `wheels/` | Millwright itself, installed by its path; wheels put beside it spare the way to an index |
| `model/` | the bundle |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.exports.plan import LIVE_PATH, PORT, READY_PATH
from millwright.exports.wheel import build_wheel, wheel_name

if TYPE_CHECKING:
    from millwright.exports.plan import ServingPlan

__all__ = ["LIVE_PATH", "MODEL_FOLDER", "PORT", "READY_PATH", "TEMPORARY", "USER", "context_files", "model_files"]

USER = 10001  # and its group; a number, since Kubernetes cannot tell of a name whether it is root's
MODEL_FOLDER = "/srv/model"
TEMPORARY = "/tmp"  # noqa: S108 - of the container: the one place that the server writes to

_IGNORED = b"*\n!Dockerfile\n!requirements.txt\n!wheels\n!model\n"


def context_files(plan: ServingPlan) -> dict[str, bytes]:
    """Content of the build context by path."""
    return {
        "Dockerfile": dockerfile(plan).encode(),
        ".dockerignore": _IGNORED,
        **model_files(plan),
    }


def model_files(plan: ServingPlan) -> dict[str, bytes]:
    """The bundle and what has to be installed for it, by path."""
    name, wheel = build_wheel()
    return {
        "requirements.txt": plan.requirements.text().encode(),
        f"wheels/{name}": wheel,
        **{f"model/{file}": content for file, content in plan.bundle.files().items()},
    }


def dockerfile(plan: ServingPlan) -> str:
    """How the image is built.

    Packages are installed in a stage of their own, so that pip's traces stay behind. The server runs as a user without
    rights, is the container's first process and so gets SIGTERM itself, and writes to `/tmp` alone. Where it listens
    comes from variables: those of a hosting platform (`AIP_HTTP_PORT`, `SAGEMAKER_BIND_TO_PORT`) come before them.
    """
    env = {
        "PATH": "/opt/venv/bin:$PATH",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "HOME": TEMPORARY,
        "MILLWRIGHT_SERVE__HOST": "0.0.0.0",  # noqa: S104 - a container is reached from outside
        "MILLWRIGHT_SERVE__PORT": str(PORT),
        **({"MILLWRIGHT_MODELS__ALLOW_CODE": "true"} if plan.runs_code else {}),
        **plan.options.env,
    }
    assignments = " \\\n    ".join(f"{name}={_quoted(value)}" for name, value in env.items())
    probe = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}{READY_PATH}', timeout=2)"
    return f"""\
# {plan.ref}, written by Millwright.
#   docker build --tag {plan.image} .
# Without a network, after pip download --no-deps --dest wheels --requirement requirements.txt:
#   docker build --tag {plan.image} --network none --build-arg PIP_NO_INDEX=1 .
FROM {plan.base} AS build
ARG PIP_NO_INDEX
ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
RUN python -m venv /opt/venv
COPY requirements.txt /build/
COPY wheels/ /build/wheels/
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary=:all: --no-deps \\
    --find-links=/build/wheels --requirement=/build/requirements.txt /build/wheels/{wheel_name()}

FROM {plan.base}
LABEL org.opencontainers.image.title={_quoted(plan.model)} \\
    org.opencontainers.image.version="{plan.bundle.record.version}" \\
    dev.millwright.package="sha256:{plan.bundle.record.package}"
{_system(plan)}RUN groupadd --gid {USER} millwright \\
    && useradd --uid {USER} --gid {USER} --no-create-home --home-dir {TEMPORARY} --shell /usr/sbin/nologin millwright
COPY --from=build /opt/venv /opt/venv
COPY model/ {MODEL_FOLDER}/
ENV {assignments}
WORKDIR {MODEL_FOLDER}
USER {USER}:{USER}
EXPOSE {PORT}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-c", "{probe}"]
ENTRYPOINT ["mw"]
CMD ["serve", "{MODEL_FOLDER}"]
"""


def _system(plan: ServingPlan) -> str:
    packages = plan.requirements.system
    if not packages:
        return ""
    return (
        "RUN apt-get update \\\n"
        f"    && apt-get install --yes --no-install-recommends {' '.join(packages)} \\\n"
        "    && rm -rf /var/lib/apt/lists/*\n"
    )


def _quoted(value: str) -> str:
    r"""A value as a Dockerfile takes it: `$PATH` of our own is followed, backslashes and quotes are not."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
