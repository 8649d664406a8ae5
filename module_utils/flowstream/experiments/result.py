# SPDX-License-Identifier: Apache-2.0
"""What is kept of a measurement, and the row that it is in the table of all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.experiments.description import THROUGHPUT
from ansible.module_utils.flowstream.experiments.latency import PERCENTILES, Latency
from ansible.module_utils.flowstream.experiments.throughput import Outcome
from ansible.module_utils.flowstream.experiments.usage import memory_of_modules, processor_seconds

Row = dict[str, Any]

SIDES = ("processing", "modules", "computers", "host", "module", "size", "flows", "queues", "rate")
LATENCIES = ("min", "mean", *(f"p{percent:g}" for percent in PERCENTILES), "max")
COLUMNS = (
    *SIDES,
    "offered_pps",
    "sent",
    "received",
    "loss_ppm",
    "throughput_pps",
    "throughput_mbps",
    "limit",
    "trials",
    *(f"latency_{name}_us" for name in LATENCIES),
    "latency_samples",
    "processor_percent",
    "processor_ns_per_packet",
    "module_memory_mib",
    "start_seconds",
    "measured_at",
    "commit",
    "plan",
)
"""Of the table; what was not measured is empty."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial: what it came to, and the delays of the packets that were timed, sorted and in nanoseconds."""

    outcome: Outcome
    delays: tuple[int, ...]


def kept(tried: Sequence[Tried], searched: bool = False, found: Outcome | None = None) -> dict[str, Any]:
    """Return what `packet_measure` says of trials, the last of which is the one that counts. None of them send nothing."""
    latency = Latency.of(tried[-1].delays) if tried else None
    refused = [one.outcome for one in tried if found and one.outcome.rate > found.rate]
    return {
        "trials": [
            {
                "rate": one.outcome.rate,
                "achieved": round(one.outcome.achieved, 1),
                "sent": one.outcome.sent,
                "received": one.outcome.received,
            }
            for one in tried
        ],
        "seconds": round(sum(one.outcome.seconds for one in tried), 3),
        "latency": latency.to_dict() if latency else None,
        "throughput": (found.rate if found else 0) if searched else None,
        "limit": _limit(refused) if found else "",
    }


def _limit(refused: Sequence[Outcome]) -> str:
    """What the lowest rate that could not be had failed by."""
    if not refused:
        return "search"
    nearest = min(refused, key=lambda outcome: outcome.rate)
    return "loss" if nearest.steady else "generator"


def processor_by_host(result: Mapping[str, Any]) -> dict[str, float]:
    """Of each host, the percent of a processor that its modules and its switch took while packets were sent.

    Where none were, while nothing was done.
    """
    sending = result["measured"]["seconds"]
    return {
        name: 100
        * processor_seconds(read["before"], read["after"])
        / (sending or read["after"]["at"] - read["before"]["at"])
        for name, read in sorted(result["usage"].items())
    }


def row_of(result: Mapping[str, Any]) -> Row:
    """The row of a result file."""
    measured, facts = result["measured"], result["facts"]
    trials = measured["trials"]
    last = trials[-1] if trials else None
    processor = sum(processor_seconds(read["before"], read["after"]) for read in result["usage"].values())
    memory = sum(memory_of_modules(read["after"]) for read in result["usage"].values())
    sent = sum(one["sent"] for one in trials)
    row: Row = dict.fromkeys(COLUMNS, "")
    row |= {side: result["cell"][side] for side in SIDES}
    row |= {
        "trials": len(trials),
        "processor_percent": round(sum(processor_by_host(result).values()), 2),
        "processor_ns_per_packet": round(processor * 1e9 / sent) if sent else "",
        "module_memory_mib": round(memory / (1 << 20), 2),
        "start_seconds": facts["start_seconds"],
        "measured_at": facts["measured_at"],
        "commit": facts["commit"],
        "plan": facts["plan"],
        "offered_pps": 0,
        "sent": 0,
        "received": 0,
    }
    if last:
        lost = max(0, last["sent"] - last["received"])
        row |= {"offered_pps": last["achieved"], "sent": last["sent"], "received": last["received"]}
        row["loss_ppm"] = round(lost * 1e6 / last["sent"], 1) if last["sent"] else ""
    if measured["throughput"] is not None:
        rate = measured["throughput"]
        row |= {"throughput_pps": rate, "throughput_mbps": round(rate * result["cell"]["size"] * 8 / 1e6, 3)}
        row["limit"] = measured["limit"]
    if latency := measured["latency"]:
        row |= {f"latency_{name}_us": latency[name] for name in LATENCIES}
        row["latency_samples"] = latency["samples"]
    return row


def table(rows: Iterable[Row]) -> str:
    """All rows as CSV (RFC 4180)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def line_of(result: Mapping[str, Any]) -> str:
    """What is said of a measurement when it is done."""
    row = row_of(result)
    asked = f"{row['rate']}" if row["rate"] == THROUGHPUT else f"{row['rate']} packets/s"
    words = [f"{row['size']} bytes, {row['flows']} flows, {asked}:"]
    if row["rate"] == THROUGHPUT:
        words.append(f"{row['throughput_pps']} packets/s in {row['trials']} trials,")
    if row["sent"]:
        words.append(f"{row['received']} of {row['sent']} came,")
    if row["latency_samples"]:
        words.append(f"median {row['latency_p50_us']:.0f} us,")
    return " ".join([*words, f"{row['processor_percent']:.0f} % of a processor"])
