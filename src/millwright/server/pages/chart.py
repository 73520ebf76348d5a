"""The scripts that draw charts: plotly.js from the installed wheel, and a few lines of ours."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from litestar import Response, get

from millwright.core.errors import NotFoundError
from millwright.server.security import PAGE_POLICY

# Pages with charts run these two scripts, which read points from this server; nothing else, and nothing inline.
CHART_POLICY = f"{PAGE_POLICY}; script-src 'self'; connect-src 'self'"
# The address changes with the version.
_KEPT = {"cache-control": "private, max-age=31536000, immutable"}


@get("/assets/plotly.js", media_type="text/javascript", sync_to_thread=True, include_in_schema=False)
def plotly_script() -> Response[bytes]:
    """Send plotly.js."""
    spec = find_spec("plotly")  # found, and not imported: that would take a second
    places = spec.submodule_search_locations if spec else None
    script = Path(next(iter(places), "")) / "package_data" / "plotly.min.js" if places else None
    if script is None or not script.is_file():
        raise NotFoundError("There is no plotly.js on this server.", hint="Install it: pip install plotly.")
    return Response(script.read_bytes(), media_type="text/javascript", headers=_KEPT)


@get("/assets/chart.js", media_type="text/javascript", sync_to_thread=False, include_in_schema=False)
def chart_script() -> Response[str]:
    """Send our script."""
    text = files("millwright.server.pages").joinpath("template", "chart.js").read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript")


@cache
def plotly_version() -> str:
    """The version of the installed wheel; empty without it."""
    try:
        return version_of("plotly")
    except PackageNotFoundError:
        return ""
