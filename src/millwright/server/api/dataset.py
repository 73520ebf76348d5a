"""Datasets and their versions."""

from __future__ import annotations

from litestar import get

from millwright.core.records.dataset import DatasetVersionRecord
from millwright.server.api.listing import Limit, Listing, Name, Version, listing
from millwright.server.injection import FromApp


@get("/datasets", sync_to_thread=True, tags=["datasets"])
def list_datasets(services: FromApp, limit: Limit = 100) -> Listing[DatasetVersionRecord]:
    """List the latest version of every dataset, by name."""
    return listing(services.stores.datasets.list_datasets(), limit)


@get("/datasets/{name:str}/versions", sync_to_thread=True, tags=["datasets"])
def list_dataset_versions(services: FromApp, name: Name, limit: Limit = 100) -> Listing[DatasetVersionRecord]:
    """List a dataset's versions, newest first."""
    services.stores.datasets.get_version(name)  # raises for an unknown name, with the nearest known one
    return listing(services.stores.datasets.list_versions(name), limit)


@get("/datasets/{name:str}/versions/{version:int}", sync_to_thread=True, tags=["datasets"])
def get_dataset_version(services: FromApp, name: Name, version: Version) -> DatasetVersionRecord:
    """Get one version of a dataset: its schema, rows, source and digests."""
    return services.stores.datasets.get_version(name, version)
