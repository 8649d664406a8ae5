# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.traffic.report import measure_fault, plan_table, report_text, throughput_table

from ..conftest import Planner

TCP = {"end": {"sum_sent": {"retransmits": 3}, "sum_received": {"bits_per_second": 412_340_000.0}}}
UDP = {
    "end": {
        "sum": {"lost_packets": 1, "packets": 5357},
        "sum_sent": {},
        "sum_received": {"bits_per_second": 19_996_000.0},
    }
}


def test_the_plan_table_says_which_prefix_is_on_which_module_host(plan_of: Planner) -> None:
    assert plan_table(plan_of()).splitlines() == [
        "destinations  processing module   kind     module host  behind       routes",
        "------------  ------------------  -------  -----------  -----------  ------",
        "128.0.0.0/1   felipeiprouter-pm0  process  mh1          sw1 port 11       4",
        "0.0.0.0/1     felipeiprouter-pm1  process  mh2          sw1 port 12       4",
    ]


def test_tcp_tells_what_was_sent_again_and_udp_what_was_lost() -> None:
    assert throughput_table([("TCP", TCP), ("UDP", UDP)]).splitlines() == [
        "protocol  Mbit/s",
        "--------  ------  ----------------------",
        "TCP        412.3  3 segments sent again",
        "UDP         20.0  1 of 5357 packets lost",
    ]


def test_a_report_without_measurements_has_no_section_for_them(plan_of: Planner) -> None:
    text = report_text(plan_of(), "", "the table", [])
    assert "Traffic of felipeiprouter\n\nthe table\n" in text
    assert "Throughput" not in text
    assert "ARP" not in text


def test_a_measurement_that_could_not_connect_has_its_reason_in_its_line() -> None:
    refused = {"start": {}, "intervals": [], "end": {}, "error": "unable to connect to server: Connection refused"}
    assert throughput_table([("TCP", refused), ("UDP", UDP)]).splitlines()[2:] == [
        "TCP            -  unable to connect to server: Connection refused",
        "UDP         20.0  1 of 5357 packets lost",
    ]
    assert [measure_fault(measured) for measured in (TCP, refused, {})] == [
        "",
        "unable to connect to server: Connection refused",
        "iperf3 said nothing",
    ]
