# SPDX-License-Identifier: Apache-2.0
"""Plots of results, by matplotlib, which only the control node has and only a report needs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.description import THROUGHPUT
from ansible.module_utils.flowstream.experiments.result import Row, processor_by_host, row_of

Result = Mapping[str, Any]
_INCHES = (7.0, 4.0)
_SETUP = ("processing", "modules", "computers", "host", "module", "flows", "queues")
_PERCENTILES = ("p50", "p99", "max")


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture in two formats; `name` is that of its files."""

    name: str
    title: str
    svg: bytes
    png: bytes


def plots_of(results: Sequence[Result]) -> list[Plot]:
    """Every plot that the results are enough for."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise FlowstreamError(
            "cannot draw plots: matplotlib is not installed for the Python that runs Ansible; run make venv, which installs what"
            " requirements.txt has"
        ) from None
    found = []
    for name, title, draw in _planned(results):
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_title(title)
        found.append(Plot(name, title, _saved(figure, "svg", name), _saved(figure, "png", name)))
    return found


def _saved(figure: Any, kind: str, name: str) -> bytes:
    from matplotlib import rc_context

    data = io.BytesIO()
    # The same results make the same bytes.
    with rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
        figure.savefig(data, format=kind, metadata={"Date": None} if kind == "svg" else {"Software": None})
    return data.getvalue()


def _planned(results: Sequence[Result]) -> Iterator[tuple[str, str, Callable[[Any], None]]]:
    """Yield name, title and how to draw each."""
    idle = [one for one in results if one["cell"]["rate"] == 0]
    if idle:
        yield "idle", "Idle: what computers take while no packets come", partial(_idle, results=idle)
    sent = [one for one in results if one["cell"]["rate"] not in (0, THROUGHPUT)]
    for computers in sorted({one["cell"]["computers"] for one in sent}):
        some = [one for one in sent if one["cell"]["computers"] == computers]
        words = "One computer" if computers == 1 else f"{computers} computers"
        title = f"{words}: packets forwarded, and processor"
        yield f"forwarded-by-{computers}", title, partial(_forwarded, results=some)
    searched = [one for one in results if one["cell"]["rate"] == THROUGHPUT]
    if searched:
        yield "throughput", "Throughput (RFC 2544) by the size of frames", partial(_throughput, results=searched)
    timed = [one for one in results if one["measured"]["latency"]]
    if timed:
        yield "latency", "Latency: median, 99th percentile and worst", partial(_latency, results=timed)
    yield "start", "Time until all modules run", partial(_start, results=results)


def _lines(results: Sequence[Result], *but: str) -> dict[str, list[Result]]:
    """The results by what tells the lines of a plot from each other: the sides of the matrix with more than one value."""
    sides = [side for side in (*_SETUP, "size") if side not in but]
    told = [side for side in sides if len({one["cell"][side] for one in results}) > 1]
    found: dict[str, list[Result]] = {}
    for one in results:
        found.setdefault(", ".join(f"{side} {one['cell'][side]}" for side in told), []).append(one)
    return found


def _idle(axes: Any, results: Sequence[Result]) -> None:
    labels, percents = [], []
    for line, some in _lines(results, "size", "flows").items():
        for name, percent in processor_by_host(some[0]).items():
            labels.append(f"{name}\n{line}".strip())
            percents.append(percent)
    axes.bar(range(len(labels)), percents)
    axes.set_xticks(range(len(labels)), labels, fontsize="small")
    axes.set_ylabel("percent of a processor")


def _forwarded(axes: Any, results: Sequence[Result]) -> None:
    processor = axes.twinx()
    processor.set_ylabel("percent of a processor (dotted)")
    for number, (line, some) in enumerate(_lines(results).items()):
        rows = _ordered(some, "offered_pps")
        offered = [row["offered_pps"] for row in rows]
        came = [row["offered_pps"] * row["received"] / row["sent"] for row in rows]
        axes.plot(offered, came, marker="o", color=f"C{number % 10}", label=line or "forwarded")
        processor.plot(
            offered, [row["processor_percent"] for row in rows], marker=".", linestyle=":", color=f"C{number % 10}"
        )
    processor.set_ylim(bottom=0)
    _labelled(axes, "packets/s offered", "packets/s forwarded")


def _throughput(axes: Any, results: Sequence[Result]) -> None:
    for line, some in _lines(results, "size").items():
        rows = _ordered(some, "size")
        axes.plot([row["size"] for row in rows], [row["throughput_pps"] for row in rows], marker="o", label=line)
    _labelled(axes, "bytes of a frame", "packets/s without more loss than may be")


def _latency(axes: Any, results: Sequence[Result]) -> None:
    for number, (line, some) in enumerate(_lines(results).items()):
        rows = _ordered(some, "offered_pps")
        for name, style in zip(_PERCENTILES, ("-", "--", ":"), strict=True):
            axes.plot(
                [row["offered_pps"] for row in rows],
                [row[f"latency_{name}_us"] for row in rows],
                marker=".",
                linestyle=style,
                color=f"C{number % 10}",
                label=f"{line} {name}".strip(),
            )
    axes.set_yscale("log")
    _labelled(axes, "packets/s offered", "microseconds", low=None)


def _start(axes: Any, results: Sequence[Result]) -> None:
    found: dict[str, float] = {}
    for one in results:
        cell = one["cell"]
        words = f"{cell['modules']} {cell['module']}\n{cell['processing']}\n{cell['computers']} x {cell['host']}"
        found[words] = one["facts"]["start_seconds"]
    axes.bar(range(len(found)), list(found.values()))
    axes.set_xticks(range(len(found)), list(found), fontsize="small")
    axes.set_ylabel("seconds")


def _ordered(results: Sequence[Result], column: str) -> list[Row]:
    return sorted((row_of(one) for one in results), key=lambda row: float(row[column]))


def _labelled(axes: Any, across: str, up: str, low: float | None = 0) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_xlim(left=0)
    if low is not None:
        axes.set_ylim(bottom=low)
    if any(not label.startswith("_") for label in axes.get_legend_handles_labels()[1]):
        axes.legend(fontsize="x-small")
