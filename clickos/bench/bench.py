#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print the engine's nanoseconds per packet for the configurations of this folder, on one core.

The time of a run with few packets is taken off the time of a run with many, so that neither start-up nor
configuration count. Each pair is run several times; the median is the figure to quote.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
FEW, MANY = 100_000, 5_000_000


def cpu_seconds(argv: list[str]) -> float:
    """User and system time of a command, in seconds, on one core."""
    pid = os.posix_spawn(argv[0], argv, os.environ)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"cannot measure: {' '.join(argv)} ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime


def nanoseconds_per_packet(click: str, configuration: Path, burst: int) -> float:
    def run(limit: int) -> float:
        return cpu_seconds([click, str(configuration), f"limit={limit}", f"burst={burst}"])

    few = run(FEW)
    return (run(MANY) - few) / (MANY - FEW) * 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--click", required=True, type=Path, help="the click program to measure")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("configurations", nargs="*", type=Path, default=sorted(HERE.glob("*.click")))
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    print(f"{'configuration':<16} {'burst':>5} {'ns/packet':>10} {'least':>8} {'most':>8} {'Mpps':>7}")
    for configuration in arguments.configurations:
        for burst in (32, 1):
            figures = [
                nanoseconds_per_packet(str(arguments.click.resolve()), configuration, burst)
                for _ in range(arguments.runs)
            ]
            median = statistics.median(figures)
            print(
                f"{configuration.stem:<16} {burst:>5} {median:>10.1f} {min(figures):>8.1f} {max(figures):>8.1f} "
                f"{1e3 / median:>7.2f}"
            )


if __name__ == "__main__":
    main()
