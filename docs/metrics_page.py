# SPDX-License-Identifier: Apache-2.0
"""The tables of docs/monitoring.md, of the catalogue of metrics and of the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ansible.module_utils.flowstream.metrics.catalogue import CATALOGUE
from markdown_table import table

BEGIN = "<!-- metrics, written by make docs -->"
END = "<!-- end of metrics -->"
RULES = (
    Path(__file__).parents[1] / "roles" / "monitoring" / "templates" / "etc" / "prometheus" / "flowstream-rules.yml.j2"
)
_ALERT = re.compile(
    r"- alert: (\w+)\n.*?severity: (\w+).*?\n +summary: \"(.*?)\"\n +description: \"(.*?)\"\n", re.DOTALL
)


def page_with_metrics(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{metrics()}\n{alerts()}\n{END}{after}"


def metrics() -> str:
    rows = [(f"`{metric.sample}`", metric.kind, ", ".join(metric.labels), metric.text) for metric in CATALOGUE]
    return table(("metric", "kind", "labels", "meaning"), rows)


def alerts() -> str:
    return table(("alert", "severity", "says", "what to do"), list(_alerts()))


def _alerts() -> Iterator[tuple[str, ...]]:
    for name, severity, summary, description in _ALERT.findall(RULES.read_text()):
        yield (
            f"`{name}`",
            severity,
            re.sub(r"{{ \$(?:labels\.)?(\w+)[^}]*}}", lambda found: found[1].upper(), summary),
            description,
        )
