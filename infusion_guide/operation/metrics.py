"""Metrics in the format of Prometheus: counts and times by door, outcome, tier and stage; never a word."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
# Seconds; the budgets lie at 0.012 for a message and 1.2 and 8 for a slow one.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.2, 2.5, 8.0)


class Metrics:
    """The guide's counters. With PROMETHEUS_MULTIPROC_DIR set, each process answers for all that share the folder."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.turns = Counter(
            "guide_turns", "Messages that were answered, by outcome.", ["door", "outcome"], registry=self._registry
        )
        self.signs = Counter(
            "guide_warning_signs", "Replies to warning signs, by tier.", ["door", "tier"], registry=self._registry
        )
        self.unanswered = Counter(
            "guide_unanswered", "Questions without an answer of their own.", ["door"], registry=self._registry
        )
        self.refused = Counter(
            "guide_refused",
            "Over the limit of an address, or of what is answered in time.",
            ["what"],
            registry=self._registry,
        )
        self.seconds = Histogram(
            "guide_turn_seconds",
            "From the door to the reply.",
            ["door"],
            registry=self._registry,
            buckets=_BUCKETS,
        )
        self.stages = Histogram(
            "guide_stage_seconds", "Parts of a turn.", ["stage"], registry=self._registry, buckets=_BUCKETS
        )
        self.shared = Gauge(
            "guide_shared_store_up",
            "1 while locks and limits are shared through Redis, 0 while Redis is away.",
            registry=self._registry,
            multiprocess_mode="livemin",
        )
        self.shared.set(1)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a part of a turn."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.stages.labels(name).observe(time.perf_counter() - started)

    def rendered(self) -> bytes:
        """Everything, as Prometheus reads it."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


@lru_cache(maxsize=1)
def metrics() -> Metrics:
    """The metrics of this process."""
    return Metrics()
