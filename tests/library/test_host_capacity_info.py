# SPDX-License-Identifier: Apache-2.0
"""What the module measures of this machine, which is the same each time, against what Python and the kernel say."""

from __future__ import annotations

import os

from .conftest import Host


def test_a_host_of_processes_is_measured_the_same_twice_and_in_check_mode(control_node: Host) -> None:
    first = control_node.module("host_capacity_info", uplink="lo")
    assert control_node.module("host_capacity_info", check=True, uplink="lo") == first
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    capacity = first["capacity"]
    assert first["changed"] is False
    assert 0.8 < capacity["memory_mib"] * 2**20 / total < 0.9
    assert capacity["vcpus"] == capacity["processors"] == os.sysconf("SC_NPROCESSORS_ONLN")
    assert "uplink_mbps" not in capacity


def test_a_machine_that_is_no_dom0_has_no_domains_to_measure_for(control_node: Host) -> None:
    answer = control_node.module("host_capacity_info", driver="xen")
    assert answer["failed"] is True
    assert answer["msg"] == "cannot ask Xen: this machine is not a dom0, or Xen's services are not up"
