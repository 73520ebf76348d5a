"""What monitoring found, in Prometheus' own families."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from millwright.core.errors import MillwrightError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.core import Metric

    from millwright.core.clock import Clock
    from millwright.monitoring.exposition import Exposition
    from millwright.monitoring.exposition.metric import Sample
    from millwright.storage.catalog import Stores

logger = logging.getLogger(__name__)


class MonitorCollector(Collector):
    """Tells the figures of all endpoints whenever it is asked; each worker tells the same.

    Args:
        stores: Where they are read.
        clock: Tells what lags.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._lock = threading.Lock()
        self._exposition: Exposition | None = None

    def describe(self) -> Sequence[Metric]:
        """Nothing: registering reads nothing, and needs none of what monitoring loads."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """The families; without samples while the stores cannot be read, which must not take the other counts along."""
        from millwright.monitoring.exposition.catalog import ALL

        families = {each: GaugeMetricFamily(each.name, each.about, labels=each.labels) for each in ALL}
        for metric, labels, value in self._samples():
            families[metric].add_metric(list(labels), value)
        yield from families.values()

    def _samples(self) -> Sequence[Sample]:
        # Here, so that the server answers before what monitoring needs is loaded.
        from millwright.automation.monitors.history import written_monitors
        from millwright.monitoring.exposition import Exposition

        with self._lock:
            if self._exposition is None:
                declared = partial(written_monitors, self._stores.audit)
                self._exposition = Exposition(self._stores, self._clock, declared=declared)
        try:
            return self._exposition.samples()
        except (MillwrightError, OSError):
            logger.exception("The figures of monitoring could not be read")
            return ()
