"""Where events go: what the project says, and the variables that every OpenLineage client reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from millwright.core.credential import without_credentials
from millwright.core.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_NAMESPACE = "default"  # that of OpenLineage's own clients
_DEFAULT_ENDPOINT = "api/v1/lineage"
_YES = frozenset({"true", "1", "yes", "on"})


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenLineageOptions:
    """How runs are told.

    Attributes:
        url: The address that events are posted to, whole; empty for none.
        file: The file that events are appended to; None for none.
        namespace: Of jobs, and of values between steps.
        api_key: Sent as a bearer token; empty for none.
        source_code: Whether the text of the pipeline's file is sent along.
        timeout_s: Longest time that one attempt to send takes.
        flush_s: How long the end of the process waits for events that are still on their way.
        queue_size: Most events that wait; further ones are left out, and counted.
        parent: The run that ours are part of, as `namespace/job/run`; empty for none.
    """

    url: str = ""
    file: Path | None = None
    namespace: str = DEFAULT_NAMESPACE
    api_key: str = field(default="", repr=False)
    source_code: bool = False
    timeout_s: float = 5.0
    flush_s: float = 5.0
    queue_size: int = 10_000
    parent: str = ""

    @property
    def is_on(self) -> bool:
        """Whether events go anywhere."""
        return bool(self.url) or self.file is not None


def completed(options: OpenLineageOptions, environ: Mapping[str, str], folder: Path) -> OpenLineageOptions:
    """What the settings say, and for what they leave out the variables.

    Args:
        options: From the settings: `url` may be without a path, `file` relative.
        environ: OPENLINEAGE_URL, _ENDPOINT, _NAMESPACE, _API_KEY, _PARENT_ID and _DISABLED count.
        folder: Where a relative file begins.

    Raises:
        ConfigurationError: The address is none of http or https.
    """
    if environ.get("OPENLINEAGE_DISABLED", "").strip().lower() in _YES:
        return OpenLineageOptions()
    url = options.url or environ.get("OPENLINEAGE_URL", "").strip()
    namespace = options.namespace or environ.get("OPENLINEAGE_NAMESPACE", "").strip()
    return OpenLineageOptions(
        url=_address(url, environ.get("OPENLINEAGE_ENDPOINT", "").strip()) if url else "",
        file=None if options.file is None else folder / options.file.expanduser(),
        namespace=namespace or DEFAULT_NAMESPACE,
        api_key=options.api_key or environ.get("OPENLINEAGE_API_KEY", "").strip(),
        source_code=options.source_code,
        timeout_s=options.timeout_s,
        flush_s=options.flush_s,
        queue_size=options.queue_size,
        parent=environ.get("OPENLINEAGE_PARENT_ID", "").strip(),
    )


def _address(url: str, endpoint: str) -> str:
    """The whole address: a path in the URL stays, and without one it is the standard's."""
    parts = urlsplit(url)
    try:
        port_is_right = parts.port is None or parts.port > 0
    except ValueError:
        port_is_right = False
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_right:
        raise ConfigurationError(
            f"Expected openlineage.url to be an http or https address, found '{without_credentials(url)}'.",
            hint="Write it as https://lineage.example:5000.",
        )
    if endpoint or parts.path in {"", "/"}:
        path = endpoint or _DEFAULT_ENDPOINT
        return parts._replace(path=f"{parts.path.rstrip('/')}/{path.lstrip('/')}").geturl()
    return url
