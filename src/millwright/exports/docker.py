"""Docker, and whatever else builds images from a Dockerfile."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from millwright.exports.image import PORT, context_files

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from millwright.exports.plan import ServingPlan


class DockerTarget:
    """A build context: Dockerfile, exact requirements, Millwright's wheel and the model."""

    name = "docker"

    def files(self, plan: ServingPlan) -> Mapping[str, bytes]:
        """See `Target.files`."""
        return context_files(plan)

    def commands(self, plan: ServingPlan, folder: Path) -> tuple[str, ...]:
        """See `Target.commands`."""
        run = f"docker run --rm --read-only --tmpfs /tmp --publish {PORT}:{PORT} {plan.image}"
        return f"docker build --tag {plan.image} {shlex.quote(str(folder))}", run
