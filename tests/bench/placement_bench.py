# SPDX-License-Identifier: Apache-2.0
"""How well and how fast modules are placed, by size: seconds of a processor, and how far from what no way is better than.

`fullest` is how full the fullest host is, `bound` what it is at least, in percent; `one more` is a module that comes when the others run.
Modules are drawn by chance, always the same: of five sizes, or each of its own.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import ansible.module_utils

ROOT = Path(__file__).parents[2]
ansible.module_utils.__path__.append(str(ROOT / "module_utils"))

from ansible.module_utils.flowstream.placement.balanced import Balanced  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.placement.heuristics import first_fit  # noqa: E402
from ansible.module_utils.flowstream.placement.policy import BALANCED, FEW, SPREAD, Policy  # noqa: E402
from ansible.module_utils.flowstream.placement.problem import Assignment, problem_of  # noqa: E402
from ansible.module_utils.flowstream.placement.request import Place, Request  # noqa: E402
from ansible.module_utils.flowstream.placement.search import search  # noqa: E402
from ansible.module_utils.flowstream.platform.facts import ModuleHost  # noqa: E402

SIZES = ((10, 3), (30, 5), (100, 10), (300, 30), (1000, 100), (5000, 500))
USUAL_MEMORY = {"process": 64}
FRAME_BYTES = 512
FIVE = ((64, 100, 115), (128, 500, 190), (256, 200, 185), (96, 1000, 110), (512, 50, 190))
"""MiB, Mbit/s and nanoseconds a packet."""
DEAREST = 190
Value = TypeVar("Value")


def module_hosts(modules: int, hosts: int) -> list[ModuleHost]:
    return [
        ModuleHost(
            f"mh{number:03}", "process", "br-pm", 1, "sw1", number + 1, max_pms=4 * modules // hosts + 4, max_memory=4096,
            max_vcpus=8, max_processors=4, max_uplink=10000,
        )
        for number in range(hosts)
    ]  # fmt: skip


def requests(modules: int, *, alike: bool) -> list[Request]:
    chance = random.Random(1)  # the same modules every time
    wanted = []
    for number in range(modules + 1):
        memory, rate, packet_ns = chance.choice(FIVE)
        if not alike:
            memory, rate = chance.randint(32, 384), chance.randint(10, 1000)
        # Of ten modules, three are of a stage, and are to be apart.
        apart = f"stage {number // 10}" if number % 10 < 3 else ""
        where = f"bench.xml:{number}: pm {number}"
        wanted.append(Request(where, number, None, memory, None, USUAL_MEMORY, "", rate, packet_ns, apart=apart))
    return wanted


def timed(work: Callable[[], Value]) -> tuple[Value, float]:
    start = time.process_time()
    value = work()
    return value, time.process_time() - start


def one_more(all_of_them: list[Request], hosts: list[ModuleHost], found: Assignment, policy: Policy) -> float:
    """Seconds for one module beside those that run; none of these may move."""
    names = [home.host.name for home in found.problem.bins]
    running = [replace(one, at=names[found.where[number]]) for number, one in enumerate(all_of_them[:-1])]
    place = Balanced(policy, DEAREST, lambda _: None)
    places, seconds = timed(lambda: place([*running, all_of_them[-1]], hosts, {}))
    moved = sum(_moved(one, place) for one, place in zip(running, places, strict=False))
    if moved:
        sys.exit(f"one module more moved {moved} others")
    return seconds


def _moved(one: Request, place: Place) -> bool:
    return one.at != place.host.name


def main() -> None:
    """Print a line for each size, choice of hosts and kind of modules; `--most N` stops at so many modules."""
    most = int(sys.argv[2]) if sys.argv[1:2] == ["--most"] else SIZES[-1][0]
    print(
        f"{'modules/hosts':>13} {'sizes':>6} {'hosts':>6} | {'first fit':>9} {'hosts':>5} |"
        f" {'seconds':>7} {'fullest':>7} {'bound':>6} {'gap':>6} {'hosts':>5} {'together':>8} | {'one more s':>10}"
    )
    for modules, count in SIZES:
        for alike in (True, False):
            for choice in (SPREAD, FEW) if modules <= most else ():
                policy = Policy.from_dict({"algorithm": BALANCED, "hosts": choice, "frame_bytes": FRAME_BYTES})
                hosts, wanted = module_hosts(modules, count), requests(modules, alike=alike)
                problem, _ = problem_of(wanted[:-1], hosts, {}, policy, DEAREST)
                simple = first_fit(problem)
                answer, seconds = timed(lambda problem=problem: search(problem))  # type: ignore[misc]
                if answer.found is None or simple is None:
                    sys.exit(f"no way was found for {modules} modules on {count} hosts")
                score, first = answer.found.score(), simple.score()
                further = one_more(wanted, hosts, answer.found, policy)
                gap = (score.level - answer.bound) / answer.bound
                print(
                    f"{f'{modules}/{count}':>13} {'five' if alike else 'any':>6} {choice:>6} |"
                    f" {first.level / 10:>7.1f} % {abs(first.hosts):>5} | {seconds:>7.2f} {score.level / 10:>5.1f} %"
                    f" {answer.bound / 10:>4.1f} % {gap:>6.1%} {abs(score.hosts):>5} {score.together:>8} | {further:>10.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
