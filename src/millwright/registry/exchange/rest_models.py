"""Registered models of a server that speaks MLflow's REST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from millwright.core.errors import InvalidInputError, MillwrightError, NotFoundError
from millwright.registry.exchange.rest_form import model_of, pairs, version_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from millwright.registry.exchange.content import Model, Run, Version
    from millwright.registry.exchange.rest_client import RestClient

_MANY = 1000


class RestModels:
    """Reads and writes registered models.

    Args:
        client: Of the server.
    """

    def __init__(self, client: RestClient) -> None:
        self._client = client

    def iter_models(self) -> Iterator[Model]:
        """See `Source.iter_models`; the listing leaves aliases out of old servers' answers, so each is asked for."""
        for item in self._client.list_all("GET", "registered-models/search", "registered_models", max_results=_MANY):
            shown = self._client.get("registered-models/get", name=item["name"])["registered_model"]
            yield model_of(shown)

    def iter_versions(self, name: str) -> Iterator[Version]:
        """See `Source.iter_versions`."""
        where = "name='" + name.replace("'", "''") + "'" if "'" not in name else f'name="{name}"'
        found = self._client.list_all("GET", "model-versions/search", "model_versions", filter=where, max_results=_MANY)
        yield from sorted((version_of(item) for item in found), key=lambda version: version.version)

    def put_model(self, model: Model) -> bool:
        """See `Target.put_model`."""
        try:
            self._client.get("registered-models/get", name=model.name)
        except NotFoundError:
            body = {"name": model.name, "description": model.description, "tags": pairs(model.tags)}
            self._client.post("registered-models/create", body)
            return True
        return False

    def put_version(self, version: Version, run: Run | None, model_id: str | None = None) -> bool:
        """See `Target.put_version`; a server gives numbers by itself, so those that are missing are made and deleted.

        Args:
            version: As it is at its origin.
            run: Its run at this place, if it was carried.
            model_id: The logged model at this place that it was made of.

        Raises:
            InvalidInputError: The number that the server gave is another one.
        """
        if self._has_version(version):
            return False
        body = {
            "name": version.name,
            "source": f"models:/{model_id}" if model_id else _source(version, run),
            "description": version.description,
            "tags": pairs(version.tags),
            **({"run_id": run.id} if run else {}),
            **({"model_id": model_id} if model_id else {}),
            **({"run_link": version.run_link} if version.run_link else {}),
        }
        made = self._client.post("model-versions/create", body)["model_version"]
        while int(made["version"]) < version.version:
            # Its number was given, and deleted, where it came from: the same happens here.
            self._client.ask("DELETE", "model-versions/delete", {"name": version.name, "version": made["version"]})
            made = self._client.post("model-versions/create", body)["model_version"]
        if int(made["version"]) != version.version:
            raise InvalidInputError(
                f"Expected version {version.version} of {version.name}, found that the server made {made['version']}.",
                hint="Its model has other versions already; export to a server without that model.",
            )
        if version.stage != "None":
            body = {"name": version.name, "version": made["version"], "stage": version.stage}
            self._client.post("model-versions/transition-stage", {**body, "archive_existing_versions": False})
        return True

    def put_aliases(self, model: Model) -> None:
        """See `Target.put_aliases`."""
        for alias, number in model.aliases.items():
            body = {"name": model.name, "alias": alias, "version": str(number)}
            self._client.post("registered-models/alias", body)

    def _has_version(self, version: Version) -> bool:
        try:
            self._client.get("model-versions/get", name=version.name, version=version.version)
        except MillwrightError:
            return False
        return True


def _source(version: Version, run: Run | None) -> str:
    """A version's source with the run's folder of this place, when it lies in its run's folder."""
    if run is None:
        return version.source
    for prefix in (f"runs:/{version.run_id}/", f"{version.run_id}/artifacts/"):
        _, found, rest = version.source.partition(prefix)
        if found:
            return f"{run.artifact_uri}/{rest}" if "runs:" not in prefix else f"runs:/{run.id}/{rest}"
    return version.source
