# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from ansible.module_utils.flowstream.xen.mass.steps import SeenInstance, pace, plan
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate

TEMPLATE = DomainTemplate("d{number}", 1, 5, "/kernel", "pv", 4096)


def seen(number: int, name: str, state: str = "running", digest: str = TEMPLATE.digest) -> SeenInstance:
    return SeenInstance(number, name, state, digest)


def test_a_run_goes_on_where_the_last_one_stopped() -> None:
    todo = plan(TEMPLATE, [seen(11, "d1"), seen(12, "d2"), seen(13, "other")], "present", restart=False)
    assert (todo.create, todo.destroy) == ((3, 4, 5), {})
    assert todo.lines(TEMPLATE) == ["create 3 domains d{number}: 3-5"]


def test_what_runs_is_left_alone() -> None:
    todo = plan(TEMPLATE, [seen(10 + number, f"d{number}") for number in range(1, 6)], "present", restart=False)
    assert (todo.create, todo.destroy, todo.outdated) == ((), {}, ())


def test_a_crashed_domain_is_replaced() -> None:
    todo = plan(
        TEMPLATE, [seen(10 + n, f"d{n}", "crashed" if n == 2 else "running") for n in range(1, 6)], "present", False
    )
    assert (todo.create, todo.destroy) == ((2,), {12: "d2"})


def test_a_domain_of_another_template_is_replaced_only_when_that_is_allowed() -> None:
    have = [seen(10 + n, f"d{n}", digest="old" if n == 3 else TEMPLATE.digest) for n in range(1, 6)]
    assert plan(TEMPLATE, have, "present", restart=False).outdated == (3,)
    todo = plan(TEMPLATE, have, "present", restart=True)
    assert (todo.create, todo.destroy) == ((3,), {13: "d3"})


def test_removal_takes_those_of_the_range_and_no_others() -> None:
    todo = plan(TEMPLATE, [seen(11, "d1"), seen(16, "d6"), seen(17, "", "dying")], "absent", restart=False)
    assert (todo.create, todo.destroy) == ((), {11: "d1"})


def test_the_pace_has_rate_and_time_left() -> None:
    assert pace(50, 250, 100.0) == "50 of 250, 0.50 a second, 0:06:40 left"
    assert pace(0, 250, 0.0) == "0 of 250, 0.00 a second, 0:00:00 left"
