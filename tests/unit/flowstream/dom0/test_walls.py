# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.dom0.capacity import capacity, doctor_table
from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.walls import irq_limit, names_after_reboot, names_left, upcall_sockets, walls

from ..conftest import messages
from .dom0s import STOCK


def reached(host: Dom0, demand: Demand) -> dict[str, int | None]:
    return {wall.name: wall.domains for wall in walls(host, demand)}


def test_domains_take_a_channel_for_the_console_one_for_xenstore_and_one_for_each_interface() -> None:
    two_level = replace(STOCK, fifo_events=False, event_channels=196)
    assert reached(two_level, Demand(1, vifs=1))["event channels of dom0"] == 1300
    assert reached(two_level, Demand(1, vifs=2))["event channels of dom0"] == 975


def test_a_linux_guest_takes_a_channel_for_each_direction_unless_netback_does_not_offer_it() -> None:
    two_level = replace(STOCK, fifo_events=False, event_channels=196)
    assert reached(two_level, Demand(1, guest="linux"))["event channels of dom0"] == 975
    assert reached(replace(two_level, split_events=False), Demand(1, guest="linux"))["event channels of dom0"] == 1300


def test_what_is_there_counts_as_made_and_its_use_as_taken() -> None:
    host = replace(STOCK, fifo_events=False, event_channels=196)
    later = replace(host, domains=100, event_channels=496)
    assert reached(later, Demand(1))["event channels of dom0"] == reached(host, Demand(1))["event channels of dom0"]


@pytest.mark.parametrize(
    ("kernel", "nr_cpus", "limit"),
    [((6, 1), 8192, 532740), ((6, 1), 8, 12548), ((6, 4), 64, 12548), ((6, 5), 8, 2**31 - 1)],
)
def test_interrupts_run_out_by_how_the_kernel_was_built_until_linux_6_5(
    kernel: tuple[int, int], nr_cpus: int, limit: int
) -> None:
    assert irq_limit(kernel, nr_cpus) == limit


def test_the_first_domain_takes_of_dom0s_memory_what_all_of_them_need_once() -> None:
    """The numbers of the bench's dom0 of 512 MiB, where the 684th domain was refused (docs/reports/dom0-walls.md)."""
    before = replace(STOCK, dom0_memory=524288, memory=276088)
    later = replace(before, domains=99, memory=232824)
    assert reached(before, Demand(1))["memory of dom0"] == 701
    assert reached(later, Demand(1))["memory of dom0"] == 703


def test_only_xl_leaves_a_process_for_each_domain() -> None:
    assert reached(STOCK, Demand(1, toolstack="xl"))["tasks of ssh.service"] == (1054 - 9) // 2
    assert "tasks of ssh.service" not in reached(STOCK, Demand(1, toolstack="libvirt"))
    assert reached(STOCK, Demand(1, toolstack="direct"))["open files of xenstored"] is None


def test_consoles_without_a_terminal_stop_only_who_waits_for_them() -> None:
    stops = {
        toolstack: [
            wall.stops for wall in walls(STOCK, Demand(1, toolstack=toolstack)) if wall.name == "pseudoterminals"
        ]
        for toolstack in ("direct", "libvirt", "xl")
    }
    assert stops == {"direct": [False], "libvirt": [True], "xl": [True]}


def test_linux_keeps_the_last_terminal() -> None:
    five = replace(STOCK, sysctls={**STOCK.sysctls, "kernel.pty.max": 5})
    assert reached(five, Demand(1, toolstack="libvirt"))["pseudoterminals"] == 4


def test_a_linux_bridge_has_1023_ports() -> None:
    assert reached(STOCK, Demand(1, vifs=2, bridge="linux"))["ports of a Linux bridge"] == 511


def test_a_listing_of_domains_is_full_at_domain_1040() -> None:
    # "0" to "9", "10" to "99", "100" to "999", each with its NUL: 3,890 bytes; 41 more of five make 4,095.
    assert names_left(STOCK) == 1040
    assert names_left(replace(STOCK, domains=1040, next_domid=1041)) == 0
    assert names_after_reboot(replace(STOCK, domains=500, next_domid=20000)) == 1040


def test_the_c_xenstored_sends_a_long_listing_in_parts_since_xen_4_9() -> None:
    wall = "names in a listing of /local/domain"
    assert reached(STOCK, Demand(1))[wall] == 1040
    assert reached(replace(STOCK, xenstored="xenstored"), Demand(1))[wall] is None
    assert reached(replace(STOCK, xenstored="xenstored", xen=(4, 8)), Demand(1))[wall] == 1040


def test_a_port_takes_no_socket_since_linux_5_15_with_open_vswitch_2_16() -> None:
    assert upcall_sockets(STOCK) == 0
    older = replace(STOCK, kernel=(5, 10), processors=56)
    assert upcall_sockets(older) == 41
    assert upcall_sockets(replace(older, processors=1)) == 1


def test_a_domain_with_more_interfaces_than_its_quota_carries_is_never_made() -> None:
    assert reached(STOCK, Demand(1, vifs=8))["XenStore watches of one domain"] is None
    assert reached(STOCK, Demand(1, vifs=99))["XenStore watches of one domain"] == 0


def test_the_first_wall_is_the_nearest_of_those_that_stop() -> None:
    found = capacity(STOCK, Demand(1000, memory=4096, boot="pv", toolstack="xl"))
    assert (found["first"]["wall"], found["domains"], found["fits"]) == ("tasks of ssh.service", 522, False)
    assert found["first"]["knob"] == "TasksMax of ssh.service"
    assert capacity(STOCK, Demand(500, memory=4096, boot="pv"))["fits"] is True


def test_walls_come_nearest_first_and_those_that_never_come_last() -> None:
    numbers = [row["domains"] for row in capacity(STOCK, Demand(10))["walls"]]
    known = [number for number in numbers if number is not None]
    assert numbers == [*sorted(known), *[None] * (len(numbers) - len(known))]


def test_the_doctor_shows_each_wall_before_and_after() -> None:
    demand = Demand(1000, memory=1024, boot="pv", toolstack="xl")
    raised = replace(STOCK, session=replace(STOCK.session, max_tasks=4096))
    lines = doctor_table(capacity(STOCK, demand), capacity(raised, demand)).splitlines()
    assert lines[0].split() == ["wall", "reached", "at", "after", "wanted", "what", "raises", "it"]
    [tasks] = [line for line in lines if line.startswith("tasks of")]
    assert tasks.split() == "tasks of ssh.service 522 2043 enough TasksMax of ssh.service".split()


def test_a_demand_without_sense_is_refused() -> None:
    assert messages(lambda: Demand(0)) == ["domains must be a number from 1, got 0"]
    assert messages(lambda: Demand(1, vifs=-1)) == ["vifs must be a number from 0, got -1"]
