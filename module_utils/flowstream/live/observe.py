# SPDX-License-Identifier: Apache-2.0
"""Reads the exporters of all machines, side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from urllib.request import ProxyHandler, build_opener

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.live.rates import Page
from prometheus_client.openmetrics.parser import text_string_to_metric_families

AT_ONCE = 32
SECONDS = 20.0
"""How long an exporter may take to answer; it gives up on its machine before."""
MOST_BYTES = 64 << 20


def read(targets: Mapping[str, str]) -> dict[str, Page | str]:
    """Return the page of the exporter at each of these places (`HOST:PORT`, by machine), or why it could not be read."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(targets, pool.map(_read_one, targets.values()), strict=True))


def _read_one(place: str) -> Page | str:
    try:
        return read_page(place)
    except FlowstreamError as error:
        return str(error)


def read_page(place: str) -> Page:
    """Return what one exporter says; raises FlowstreamError when it does not, or not in OpenMetrics."""
    try:
        # Exporters are neighbours; what the environment says of the way into the internet is not for them.
        with build_opener(ProxyHandler({})).open(f"http://{place}/metrics", timeout=SECONDS) as answer:
            text = answer.read(MOST_BYTES).decode()
        samples = {
            (sample.name, tuple(sorted(sample.labels.items()))): float(sample.value)
            for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
            for sample in family.samples
        }
    except (OSError, ValueError) as error:
        raise FlowstreamError(
            f"cannot read http://{place}/metrics: {error}; monitoring.yml brings the exporter"
        ) from error
    return Page(time.monotonic(), samples)
