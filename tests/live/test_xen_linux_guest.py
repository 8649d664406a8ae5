# SPDX-License-Identifier: Apache-2.0
"""A Linux guest on real Xen: the same control plane and the same packets as a ClickOS domain.

As PV, which is quick where Xen is emulated; a PVH guest, whose kernel takes minutes to start there, does the main things.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from .router_lab import ROOT
from .test_xen_guest import (
    test_a_configuration_is_replaced_under_traffic_without_a_loss,
    test_a_configuration_of_256_kib_is_installed,
    test_a_configuration_that_asks_for_more_memory_than_there_is_is_refused_and_the_old_one_keeps_running,
    test_a_ramdisk_is_a_configuration,
    test_a_removed_configuration_forwards_nothing,
    test_a_wrong_configuration_is_refused_with_its_line_and_the_old_one_keeps_running,
    test_datagrams_arrive_whole_with_right_checksums_and_come_back,
    test_handlers_are_read_and_written_also_inside_compounds_and_without_a_value,
    test_it_is_saved_and_restored_with_its_state,
    test_pings_pass_both_ways_and_their_time_to_live_sinks,
    test_the_slides_configuration_prints_what_arrives,
    test_the_start_up_configuration_of_earlier_tools_is_installed,
    test_the_toolstack_shuts_it_down,
)
from .xen_guests import FAR, MACS, NEAR, ROUTER, VIFS, Guest, passes
from .xen_host import XenHost

__all__ = [
    "test_a_configuration_is_replaced_under_traffic_without_a_loss",
    "test_a_configuration_of_256_kib_is_installed",
    "test_a_configuration_that_asks_for_more_memory_than_there_is_is_refused_and_the_old_one_keeps_running",
    "test_a_ramdisk_is_a_configuration",
    "test_a_removed_configuration_forwards_nothing",
    "test_a_wrong_configuration_is_refused_with_its_line_and_the_old_one_keeps_running",
    "test_datagrams_arrive_whole_with_right_checksums_and_come_back",
    "test_handlers_are_read_and_written_also_inside_compounds_and_without_a_value",
    "test_it_is_saved_and_restored_with_its_state",
    "test_pings_pass_both_ways_and_their_time_to_live_sinks",
    "test_the_slides_configuration_prints_what_arrives",
    "test_the_start_up_configuration_of_earlier_tools_is_installed",
    "test_the_toolstack_shuts_it_down",
]
"""What docs/xenstore.md promises of both, tested for ClickOS there and for Linux here, with this module's guests."""

pytestmark = [
    pytest.mark.xen,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

IMAGE = "linux-guest"
MEMORY_MIB = 128
RATE = 10


@pytest.fixture(scope="module")
def image(host: XenHost) -> str:
    """The image, in dom0."""
    subprocess.run(["make", "--directory", ROOT / "clickos", "linux-guest-image"], check=True, capture_output=True)
    for name in (IMAGE, f"{IMAGE}.initramfs"):
        host.put(name, ROOT / "clickos" / "build" / "images" / f"{IMAGE}-debian" / name)
    return IMAGE


@pytest.fixture(scope="module")
def guest(host: XenHost, image: str) -> Iterator[Guest]:
    """A guest that runs the router; each test leaves it so."""
    guest = Guest(host, "linux-pv", "pv", RATE)
    boot(guest, image)
    yield guest
    guest("destroy")


def boot(guest: Guest, image: str) -> None:
    """Start a guest that runs the router."""
    guest("destroy")
    guest("create", guest.kind, MEMORY_MIB, VIFS, kernel=image, ramdisk_text=ROUTER)
    guest("await_node", "data/clickos/0/status", "0 running")
    guest("await_ping", f"{FAR}.1")


@pytest.fixture
def fresh(guest: Guest, image: str) -> Iterator[Callable[..., Guest]]:
    """Makes a guest of the same kind, for one test, on bridges without traffic."""
    other = Guest(guest.host, f"fresh-{guest.kind}", guest.kind)
    other("destroy")

    def make(memory: float = MEMORY_MIB, vifs: list[str] | None = None, **options: str) -> Guest:
        other("create", other.kind, memory, vifs or [], kernel=image, **options)
        return other

    yield make
    other("destroy")


def test_figures_of_its_own_are_read_without_a_router(guest: Guest) -> None:
    assert guest.number("platform.free_pages") > 0
    assert guest.number("platform.boot_us") > 0
    assert "no router" not in guest.host.error("read", guest.name, "platform.hypercalls")


def test_its_kernel_neither_asks_nor_answers_on_the_interfaces(guest: Guest) -> None:
    guest("remove")
    device = f"vif{guest.folder.rpartition('/')[2]}.0"
    # By ARP, and by IP with the address of the interface known.
    asked = (
        f"ping -c 2 -W 1 {NEAR}.254; ip neigh replace {NEAR}.254 lladdr {MACS[0]} dev near; ping -c 2 -W 1 {NEAR}.254"
    )
    count = f"cat /sys/class/net/{device}/statistics/rx_packets"
    before, after = guest.host.call("sh", f"{count}; ({asked}) >&2 || true; ip neigh flush dev near; {count}").split()
    assert after == before
    guest("install", ROUTER)
    guest("await_ping", f"{FAR}.1")


def test_as_pvh_it_routes_answers_and_takes_another_configuration(guest: Guest, image: str) -> None:
    guest("destroy")  # the other has its addresses; no test comes after this one
    other = Guest(guest.host, "linux-pvh", "pvh", RATE)
    try:
        boot(other, image)
        passes(other.host)
        assert other.number("near/forwarded.count") > 0
        other("install", ROUTER.replace("VERSION 1", "VERSION 2"))
        assert other("read", "config").endswith("VERSION 2\n")
        passes(other.host)
    finally:
        other("destroy")
