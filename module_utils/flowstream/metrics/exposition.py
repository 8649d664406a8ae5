# SPDX-License-Identifier: Apache-2.0
"""Samples as a page of OpenMetrics, by Prometheus' own library for Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible.module_utils.flowstream.metrics.catalogue import CATALOGUE, Metric, Sample
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.openmetrics.exposition import generate_latest


@dataclass(frozen=True, slots=True)
class _Page:
    """What the library calls a registry: something that has families of metrics."""

    samples: Iterable[Sample]

    def collect(self) -> Iterator[Family]:
        """Yield each metric that has a sample, in the order of the catalogue."""
        grouped: dict[str, list[Sample]] = {}
        for sample in self.samples:
            grouped.setdefault(sample.metric, []).append(sample)
        for metric in CATALOGUE:
            if metric.name in grouped:
                yield _family(metric, grouped[metric.name])


def _family(metric: Metric, samples: Iterable[Sample]) -> Family:
    kind = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = kind(metric.name, metric.text, labels=metric.labels)
    for sample in samples:
        family.add_metric(sample.labels, sample.value)
    return family


def page(samples: Iterable[Sample]) -> bytes:
    """The page; it ends with `# EOF`, by which one that was cut off is told from a whole one."""
    text: bytes = generate_latest(_Page(list(samples)))  # type: ignore[no-untyped-call]
    return text
