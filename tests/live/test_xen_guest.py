# SPDX-License-Identifier: Apache-2.0
"""ClickOS on real Xen, as PVH and as PV: what docs/xenstore.md promises, with packets."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

import pytest

from .xen_guests import FAR, MACS, NEAR, ROUTER, SCRIPT, SLIDES, VIFS, Guest, passes
from .xen_host import XenHost

pytestmark = [pytest.mark.xen, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]


NEIGHBOURS = 100_000
NEIGHBOURS_OF_8_MIB = 70_000
"""A table with an entry for each would take what a guest of 8 MiB has."""

ATTACH = VIFS[1].replace(",", " ")
"""The second interface as `xl network-attach` wants to have it."""


@pytest.fixture(scope="module", params=[pytest.param("pvh", marks=pytest.mark.long), "pv"])
def guest(request: pytest.FixtureRequest, host: XenHost) -> Iterator[Guest]:
    """A guest that runs the router; each test leaves it so."""
    guest = Guest(host, f"router-{request.param}", request.param)
    guest("destroy")
    guest("create", guest.kind, 8, VIFS)
    guest("install", ROUTER)
    yield guest
    guest("destroy")


@pytest.fixture
def fresh(guest: Guest) -> Iterator[Callable[..., Guest]]:
    """Makes a guest of the same kind, for one test, on bridges without traffic."""
    other = Guest(guest.host, f"fresh-{guest.kind}", guest.kind)
    other("destroy")

    def make(memory: float = 8, vifs: list[str] | None = None, **options: str) -> Guest:
        other("create", other.kind, memory, vifs or [], **options)
        return other

    yield make
    other("destroy")


def test_pings_pass_both_ways_and_their_time_to_live_sinks(guest: Guest) -> None:
    assert "ttl=63" in guest.host.call("ping", f"{FAR}.1")
    assert "ttl=63" in guest.host.call("ping", f"{NEAR}.1", inside="far")


@pytest.mark.parametrize("size", [20, 1400, 4000])
def test_datagrams_arrive_whole_with_right_checksums_and_come_back(guest: Guest, size: int) -> None:
    report = guest.host.call("traffic", f"{FAR}.1", count=200, size=size, rate=guest.rate)
    assert report["received"] == report["sent"] == 200
    assert report["wrong"] == 0
    if size <= 1400:  # fragments have no checksum of their own to look at
        for side in ("near", "far"):
            assert report[side] == {"count": 200, "bad": 0, "ttls": [63]}


def test_the_slides_configuration_prints_what_arrives(fresh: Callable[..., Guest]) -> None:
    guest = fresh(vifs=[f"mac=00:16:3e:00:05:01,bridge=near,script={SCRIPT}"])
    guest("store_write_below", "clickos/config", SLIDES)
    guest("await_node", "data/clickos/0/status", "0 running")
    # Whatever dom0 asks for is broadcast on that bridge.
    guest.host.attempt("sh", f"ping -c 2 -W 1 {NEAR}.77; true")
    assert re.search(r"\n *42 \| ffffffff ffff", guest("console", r"\n *42 \| ffffffff ffff", 60.0))
    guest("store_write_below", "clickos/config", "")
    guest("await_node", "data/clickos/0/status", "0 stopped")


def test_handlers_are_read_and_written_also_inside_compounds_and_without_a_value(guest: Guest) -> None:
    assert guest("read", "near/received.count").isdecimal()
    assert guest("read", "near/out.capacity") == "512"
    guest("write", "near/out.capacity", "300")
    assert guest("read", "near/out.capacity") == "300"
    guest("write", "near/out.capacity", "512")
    guest("write", "near/received.reset_counts", "")
    assert guest.number("near/received.count") <= 3
    assert "no write handler 'near/received.count'" in guest.host.error("write", guest.name, "near/received.count", "1")


def test_a_configuration_is_replaced_under_traffic_without_a_loss(guest: Guest) -> None:
    texts = [ROUTER.replace("VERSION 1", f"VERSION {version}") for version in (2, 1)]
    report = guest("traffic_during_replacements", texts, 40, f"{FAR}.1")
    assert report["sent"] > 50
    assert (report["received"], report["wrong"]) == (report["sent"], 0)


def test_a_wrong_configuration_is_refused_with_its_line_and_the_old_one_keeps_running(guest: Guest) -> None:
    error = guest.host.error("install", guest.name, "Idle\n -> n :: Nonsense -> Discard;")
    assert "config:2: unknown element class 'Nonsense'" in error
    passes(guest.host)
    guest("install", ROUTER)


# Ten to the fifth elements, and texts of a mebibyte, in a few lines.
MULTIPLIED_ELEMENTS = (
    "elementclass A { Idle; Idle; Idle; Idle; Idle; Idle; Idle; Idle; Idle; Idle }"
    + "".join(f"elementclass {name} {{ {f'{inner}; ' * 10} }}" for inner, name in zip("ABCD", "BCDE", strict=True))
    + "E;"
)
MULTIPLIED_TEXT = (
    f"define($a {'.' * 1000}, "
    + ", ".join(f"${name} {f'${inner}' * 10}" for inner, name in zip("abc", "bcd", strict=True))
    + ");"
    + "Message($d);" * 10
)


def test_a_configuration_that_asks_for_more_memory_than_there_is_is_refused_and_the_old_one_keeps_running(
    guest: Guest,
) -> None:
    for text, reason in (
        ("Idle -> Queue(100000000) -> Discard;", "out of memory"),
        (MULTIPLIED_ELEMENTS, "out of memory: too many elements"),
        (MULTIPLIED_TEXT, "too much text"),
    ):
        assert reason in guest.host.error("install", guest.name, text)
        passes(guest.host)
    guest("install", ROUTER)


@pytest.mark.parametrize("kind", [pytest.param("requests", marks=pytest.mark.long), "replies"])
def test_neighbours_that_make_themselves_up_take_no_memory_and_packets_pass(
    guest: Guest, figure: Callable[[str], None], kind: str
) -> None:
    before = guest.number("platform.free_pages")
    vif = f"vif{guest.folder.rpartition('/')[2]}.0"
    count = f"cat /sys/class/net/{vif}/statistics/tx_packets"
    arrived = int(guest.host.call("sh", count))
    report = guest.host.call("flood", vif, kind, NEIGHBOURS, MACS[0], f"{NEAR}.254", f"{FAR}.1")
    arrived = int(guest.host.call("sh", count)) - arrived
    figure(
        f"{guest.kind}, 8 MiB: of {NEIGHBOURS} ARP {kind} in {report['seconds']:.0f} s {arrived} reached it; "
        f"{report['answered']} of {report['pings']} pings meanwhile"
    )
    assert arrived > NEIGHBOURS_OF_8_MIB
    assert report["answered"] > report["pings"] / 2
    assert guest.number("platform.free_pages") > before * 3 / 4
    passes(guest.host)


def test_packets_that_wait_for_neighbours_who_never_answer_take_no_more_than_their_share(guest: Guest) -> None:
    before = guest.number("platform.free_pages")
    guest.host.call("datagrams", [f"{FAR}.{number}" for number in range(2, 254)], 100)
    passes(guest.host)
    assert guest.number("platform.free_pages") > before * 3 / 4


def test_a_configuration_of_256_kib_is_installed(guest: Guest) -> None:
    guest("install", f"{ROUTER}// {'.' * 256 * 1024}\n")
    assert len(guest("read", "config")) > 256 * 1024
    passes(guest.host)
    guest("install", ROUTER)


@pytest.mark.long
def test_a_thousand_replacements_take_no_memory(guest: Guest, figure: Callable[[str], None]) -> None:
    texts = [ROUTER.replace("VERSION 1", f"VERSION {version}") for version in (2, 1)]
    guest("replace_by_value", texts, 10)
    before = guest.number("platform.free_pages")
    seconds = guest("replace_by_value", texts, 1000)
    figure(f"{guest.kind}: a replacement takes {seconds * 1000:.0f} ms, as dom0 sees it (mean of 1,000)")
    assert guest.number("platform.free_pages") == before
    assert guest("read", "config").endswith("VERSION 1\n")
    passes(guest.host)


def test_an_interface_is_detached_and_attached(guest: Guest) -> None:
    guest.host.call("sh", f"xl network-detach {guest.name} {MACS[1]}")
    guest.host.call("sh", f"xl network-attach {guest.name} {ATTACH}")
    guest("await_ping", f"{FAR}.1")
    passes(guest.host)


def test_a_backend_that_vanishes_ends_nothing(guest: Guest) -> None:
    device = guest("backend_of", MACS[1])
    guest.host.call("sh", f"xenstore-rm {device}")
    assert guest("read", "near/received.count").isdecimal()
    guest.host.attempt("sh", f"xl network-detach {guest.name} {MACS[1]}")
    guest.host.call("sh", f"xl network-attach {guest.name} {ATTACH}")
    guest("await_ping", f"{FAR}.1")
    passes(guest.host)


def test_a_store_without_room_is_survived(guest: Guest) -> None:
    folder = f"{guest.folder}/data/full"
    guest.host.call("store_fill", folder, 1100)
    passes(guest.host)
    guest.host.attempt("read", guest.name, "near/received.count")
    guest.host.call("store_remove", folder)
    assert guest("read", "near/received.count").isdecimal()
    passes(guest.host)


def test_it_is_saved_and_restored_with_its_state(guest: Guest) -> None:
    guest("write", "near/out.capacity", "333")
    guest.host.call("sh", f"xl save {guest.name} /var/tmp/{guest.name} && xl restore /var/tmp/{guest.name}")
    guest.host.call("sh", f"rm /var/tmp/{guest.name}")
    guest("await_ping", f"{FAR}.1")
    assert guest("read", "near/out.capacity") == "333"
    passes(guest.host)
    guest("write", "near/out.capacity", "512")


def test_an_idle_guest_uses_no_processor(fresh: Callable[..., Guest]) -> None:
    guest = fresh()
    guest("install", "Idle -> Discard;")
    before = guest("processor_seconds")
    guest.host.call("sh", "sleep 5")
    assert guest("processor_seconds") == before


def test_a_ramdisk_is_a_configuration(fresh: Callable[..., Guest]) -> None:
    fresh_guest = fresh(ramdisk_text="Idle -> c :: Counter -> Discard;")
    fresh_guest("await_node", "data/clickos/0/status", "0 running")
    assert fresh_guest("read", "c.count") == "0"


def test_the_start_up_configuration_of_earlier_tools_is_installed(fresh: Callable[..., Guest]) -> None:
    guest = fresh(flags="-p")
    guest("store_write_below", "control/click/startup_config", "Idle -> s :: Counter -> Discard;")
    guest.host.call("sh", f"xl unpause {guest.name}")
    guest("await_node", "data/clickos/0/status", "0 running")
    assert guest("read", "s.count") == "0"


def test_a_panic_leaves_its_reason_and_a_crashed_domain(fresh: Callable[..., Guest]) -> None:
    guest = fresh()
    if guest.kind == "pv":
        pytest.skip("Xen gives an interrupt that cannot be masked to guests with hardware support alone")
    guest.host.call("sh", f"xl trigger {guest.name} nmi")
    guest("await_node", "data/clickos/panic", "exception 2")
    state = guest.host.call("sh", f"xl list {guest.name}").splitlines()[-1].split()[4]
    assert state.endswith("c-")


def test_the_toolstack_shuts_it_down(fresh: Callable[..., Guest]) -> None:
    guest = fresh()
    guest("install", "Idle -> Discard;")
    guest.host.call("sh", f"xl shutdown -w {guest.name}", seconds=120)


def test_a_removed_configuration_forwards_nothing(guest: Guest) -> None:
    guest("remove")
    assert "100% packet loss" in guest.host.error("ping", f"{FAR}.1", count=2)
    guest("install", ROUTER)
    passes(guest.host)
