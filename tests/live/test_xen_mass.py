# SPDX-License-Identifier: Apache-2.0
"""Fifty ClickOS domains on a Xen host: made, asked, made again where some are missing, and removed.

The tests are one story in the order of this file: each goes on from where the one before it left the host.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from .router_lab import PlaybookResult, RouterLab
from .xen_host import PLACE, XenHost

pytestmark = [
    pytest.mark.xen,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

COUNT = 50
HOST = os.environ.get("XEN_HOST", "mh1")
ALIKE = {"count": COUNT, "image": "", "kernel": f"{PLACE}/clickos"}
ONES_LOST = (3, 4, 17, 50)
LEFT = """
xenstore-ls -f /local/domain | grep 'clickos[0-9]' | sed 's/^/XenStore /'
xenstore-ls -f /libxl 2>/dev/null | grep 'clickos[0-9]' | sed 's/^/XenStore /'
xenstore-ls -f /local/domain/0/backend/vif 2>/dev/null | grep br-pm | sed 's/^/XenStore /'
ovs-vsctl list-ports br-pm | sed -n 's/^co[0-9]/port &/p'
ip -brief link | sed -n '/^co[0-9]/p'
xl list | sed -n '/^clickos/p'
"""


@pytest.fixture(scope="module")
def lab(xen_lab: RouterLab, host: XenHost) -> RouterLab:
    """The lab, with the guest's image on the host."""
    assert host.node.name == HOST
    return xen_lab


def have(lab: RouterLab, *arguments: str, **variables: Any) -> PlaybookResult:
    """Have the domains as these variables of role clickos_domains say."""
    return lab.play(
        "create-domains", "--limit", HOST, *arguments,
        **{f"clickos_domains_{name}": value for name, value in (ALIKE | variables).items()},
    )  # fmt: skip


def numbers(lab: RouterLab) -> dict[str, str]:
    """The numbers of the domains on the host, by name."""
    rows = [line.split() for line in lab.machine(HOST).run("xl", "list").splitlines()]
    return {name: number for name, number, *_ in rows if name.startswith("clickos")}


def test_check_mode_says_what_would_be_made_in_a_line(lab: RouterLab) -> None:
    result = have(lab, "--check", "--diff")
    assert "+50 domains clickos{number}: 1-50" in result.output
    assert numbers(lab) == {}


def test_all_domains_are_made_and_answer(lab: RouterLab) -> None:
    result = have(lab)
    assert f"{COUNT} of {COUNT} domains answer" in result.output
    assert sorted(numbers(lab)) == sorted(f"clickos{number}" for number in range(1, COUNT + 1))


def test_the_progress_is_there_to_be_followed(lab: RouterLab) -> None:
    lines = lab.machine(HOST).run("cat", "/run/flowstream/xen_domains.progress").splitlines()
    assert "create 50 domains clickos{number}: 1-50" in lines[0]
    assert "created 50 of 50" in lines[-1]


def test_another_run_changes_nothing(lab: RouterLab) -> None:
    before = numbers(lab)
    assert have(lab).changed == {}
    assert numbers(lab) == before


def test_domains_that_were_destroyed_are_made_again_and_others_stay(lab: RouterLab) -> None:
    before = numbers(lab)
    for number in ONES_LOST:
        lab.machine(HOST).run("xl", "destroy", f"clickos{number}")
    assert have(lab).changed == {HOST: 1}
    after = numbers(lab)
    lost = {f"clickos{number}" for number in ONES_LOST}
    assert sorted(after) == sorted(before)
    assert {name for name in before if before[name] != after[name]} == lost


def test_removal_leaves_nothing(lab: RouterLab) -> None:
    have(lab, state="absent")
    assert lab.machine(HOST).run("sh", "-c", LEFT) == ""


def test_pvh_domains_are_made_answer_and_go(lab: RouterLab) -> None:
    three = {"count": 3, "kind": "pvh", "memory_mib": 8}
    assert "3 of 3 domains answer" in have(lab, **three).output
    have(lab, **three, state="absent")
    assert lab.machine(HOST).run("sh", "-c", LEFT) == ""
