# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from ansible.module_utils.flowstream.placement.request import Place, Request
from ansible.module_utils.flowstream.placement.round_robin import round_robin
from ansible.module_utils.flowstream.platform.facts import ModuleHost

from ..conftest import messages

PROCESS = ModuleHost("a", "process", "br-pm", 1, "sw1", 11, max_pms=2, max_memory=1000, max_vcpus=2)
XEN = replace(PROCESS, name="x", driver="xen", switch_port=12)


USUAL_MEMORY = {"process": 64, "clickos": 32, "linux_guest": 128}


def request(number: int, kind: str | None = None, memory: int | None = None, vcpus: int | None = None) -> Request:
    return Request(f"alloc.xml:{number}: pm {number}", number, kind, memory, vcpus, USUAL_MEMORY)


def hosts_of(places: list[Place]) -> str:
    return "".join(place.host.name for place in places)


def test_modules_are_dealt_out_in_turn() -> None:
    hosts = [replace(PROCESS, name=name) for name in "abc"]
    assert hosts_of(round_robin([request(number) for number in range(6)], hosts)) == "abcabc"


def test_removing_a_module_moves_no_other() -> None:
    hosts = [replace(PROCESS, name=name) for name in "abc"]
    before = round_robin([request(number) for number in range(6)], hosts)
    after = round_robin([request(number) for number in range(6) if number != 2], hosts)
    assert [place for number, place in enumerate(before) if number != 2] == after


def test_a_full_host_passes_on_to_the_next() -> None:
    hosts = [replace(PROCESS, name="a", max_pms=1), replace(PROCESS, name="b", max_pms=3)]
    assert hosts_of(round_robin([request(number) for number in range(4)], hosts)) == "abbb"


def test_the_message_says_of_a_host_that_was_measured_where_each_limit_is_from() -> None:
    measured = replace(PROCESS, max_memory=50, measured=frozenset({"memory_mib"}))
    assert messages(lambda: round_robin([request(0)], [measured, replace(measured, name="b", measured=frozenset())]))[
        1:
    ] == [
        "inventory: module host a: runs process, has 2 of 2 pms and 50 of 50 MiB measured left,"
        " up to 2 vcpus from the inventory for one pm",
        "inventory: module host b: runs process, has 2 of 2 pms and 50 of 50 MiB left, up to 2 vcpus for one pm",
    ]


def test_memory_is_shared_by_the_modules_of_a_host() -> None:
    hosts = [replace(PROCESS, name="a", max_memory=100), replace(PROCESS, name="b")]
    assert hosts_of(round_robin([request(0, memory=60), request(2, memory=60)], hosts)) == "ab"


def test_processors_bound_each_single_module() -> None:
    hosts = [replace(PROCESS, name="a", max_vcpus=1), replace(PROCESS, name="b", max_vcpus=4)]
    assert hosts_of(round_robin([request(0), request(2, vcpus=4)], hosts)) == "ab"


def test_a_host_says_what_a_module_is_unless_the_allocation_does() -> None:
    places = round_robin([request(0), request(1), request(3, "linux_guest"), request(2, "process")], [PROCESS, XEN])
    assert [(place.host.name, place.kind, place.memory) for place in places] == [
        ("a", "process", 64),
        ("x", "clickos", 32),
        ("x", "linux_guest", 128),
        ("a", "process", 64),
    ]
    linux = replace(XEN, pm_kind="linux_guest")
    assert [place.kind for place in round_robin([request(0), request(0, "clickos")], [linux])] == [
        "linux_guest", "clickos",
    ]  # fmt: skip


def test_every_module_without_room_is_named_and_every_host_with_what_it_has_left() -> None:
    wanted = [request(0), request(1, memory=980), request(2, "clickos"), request(3, vcpus=3)]
    assert messages(lambda: round_robin(wanted, [PROCESS])) == [
        "alloc.xml:1: pm 1: fits on no module host, got kind any, 980 MiB, 1 vcpus;"
        " add a module host or raise module_host_capacity",
        "alloc.xml:2: pm 2: fits on no module host, got kind clickos, default memory, 1 vcpus;"
        " no module host runs clickos, they run process; leave kind out, or add a host with that driver",
        "alloc.xml:3: pm 3: fits on no module host, got kind any, default memory, 3 vcpus;"
        " none gives one pm more than 2 vcpus; ask for fewer, or raise vcpus of module_host_capacity",
        "inventory: module host a: runs process, has 1 of 2 pms and 936 of 1000 MiB left, up to 2 vcpus for one pm",
    ]
