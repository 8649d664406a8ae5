# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0
from ansible.module_utils.flowstream.dom0.limits import (
    Change,
    Kept,
    changes,
    rendered,
    shortfalls,
    wanted_settings,
)

from .dom0s import STOCK

DEMAND = Demand(5000, memory=1024, boot="pv", toolstack="libvirt")


def turned(host: Dom0, wanted: dict[str, Kept]) -> Dom0:
    """The host once what its running system takes was turned."""
    sysctls = {name.split(" ")[1]: kept.value for name, kept in wanted.items() if name.startswith("sysctl ")}
    interval = (
        wanted["ovs stats-update-interval"].value if "ovs stats-update-interval" in wanted else host.statistics_interval
    )
    vifs = "udev quick-vifs" in wanted
    return replace(host, sysctls={**host.sysctls, **sysctls}, statistics_interval=interval, quick_vifs=vifs)


def test_a_host_that_carries_what_is_wanted_is_left_alone() -> None:
    assert wanted_settings(STOCK, Demand(50), {}) == {}


def test_only_what_stands_in_the_way_is_turned_to_the_next_power_of_two() -> None:
    wanted = wanted_settings(STOCK, DEMAND, {})
    assert wanted["sysctl kernel.pty.max"] == Kept(8192, 4096)
    assert wanted["sysctl kernel.threads-max"] == Kept(16384, 7028)
    assert "sysctl kernel.pid_max" not in wanted


def test_neighbours_keep_the_proportions_of_their_three_thresholds() -> None:
    wanted = wanted_settings(STOCK, DEMAND, {})
    values = [wanted[f"sysctl net.ipv4.neigh.default.gc_thresh{number}"].value for number in (1, 2, 3)]
    assert values == [1024, 4096, 8192]


def test_a_second_run_turns_nothing_though_domains_have_come() -> None:
    wanted = wanted_settings(STOCK, DEMAND, {})
    later = replace(turned(STOCK, wanted), domains=300, ptys=300, threads=702, memory=800000 - 300 * 338)
    again = wanted_settings(later, DEMAND, wanted)
    assert again == wanted
    assert changes(later, again, wanted) == []


def test_what_somebody_turned_back_is_turned_again() -> None:
    wanted = wanted_settings(STOCK, DEMAND, {})
    host = turned(STOCK, wanted)
    back = replace(host, sysctls={**host.sysctls, "kernel.pty.max": 4096})
    assert changes(back, wanted_settings(back, DEMAND, wanted), wanted) == [Change("sysctl kernel.pty.max", 8192, 4096)]


def test_less_is_wanted_and_the_old_value_comes_back() -> None:
    kept = {"sysctl kernel.pty.max": Kept(8192, 4096)}
    host = turned(STOCK, kept)
    assert changes(host, wanted_settings(host, Demand(50), kept), kept) == [Change("sysctl kernel.pty.max", 4096, 8192)]
    assert str(Change("sysctl kernel.pty.max", 4096, 8192)) == "set sysctl kernel.pty.max to 4096, was 8192"


def test_a_limit_that_is_no_longer_the_narrowest_stays_raised() -> None:
    kept = {"tasks ssh.service": Kept(16384, 1054)}
    raised = replace(STOCK, session=replace(STOCK.session, group="system.slice", max_tasks=20000))
    assert wanted_settings(raised, replace(DEMAND, toolstack="xl"), kept)["tasks ssh.service"] == Kept(16384, 1054)


def test_open_vswitch_looks_at_its_counters_no_more_often_than_it_can_afford() -> None:
    """A hundred ports at half a millisecond each are a hundredth of the stock five seconds."""
    name = "ovs stats-update-interval"
    assert name not in wanted_settings(STOCK, Demand(100, memory=1024), {})
    assert wanted_settings(STOCK, Demand(101, memory=1024), {})[name] == Kept(8192, 5000)
    assert wanted_settings(STOCK, Demand(25, vifs=100, memory=1024), {})[name] == Kept(131072, 5000)
    assert name not in wanted_settings(STOCK, Demand(1000, memory=1024, bridge="linux"), {})


def test_udev_starts_no_programs_for_interfaces_where_there_are_many() -> None:
    name = "udev quick-vifs"
    assert name not in wanted_settings(STOCK, Demand(100, memory=1024), {})
    wanted = wanted_settings(STOCK, Demand(51, vifs=2, memory=1024), {})
    assert wanted[name] == Kept(1, 0)
    assert rendered({name: wanted[name]}, {}) == {
        "/etc/udev/rules.d/99-zz-flowstream-dom0.rules": "# Written by role dom0_limits of Flowstream.\n"
        'SUBSYSTEM=="net", DRIVERS=="vif", TAG-="systemd", RUN=""\n'
    }


def test_a_host_of_more_domains_than_libxl_can_list_boots_with_the_c_xenstored_and_keeps_it() -> None:
    name = "xenstored c-daemon"
    assert name not in wanted_settings(STOCK, Demand(1040, memory=1024, toolstack="xl"), {})
    wanted = {name: wanted_settings(STOCK, Demand(1041, memory=1024, toolstack="xl"), {})[name]}
    assert wanted[name] == Kept(1, 0)
    assert name not in wanted_settings(STOCK, Demand(1041, memory=1024), {})
    assert rendered({"files xenstored": Kept(2048, 1024), **wanted}, {"xenstored": "xen.service"}) == {
        "/etc/systemd/system/xen.service.d/60-flowstream-dom0.conf": "# Written by role dom0_limits of Flowstream.\n"
        "[Service]\nLimitNOFILE=2048\nEnvironment=XENSTORED=/usr/sbin/xenstored\n"
    }
    rebooted = replace(STOCK, xenstored="xenstored", quotas={})
    assert wanted_settings(rebooted, Demand(1041, memory=1024, toolstack="xl"), wanted)[name] == Kept(1, 0)
    assert name not in wanted_settings(rebooted, Demand(1040, memory=1024, toolstack="xl"), wanted)


def test_dom0_gets_what_its_domains_take_of_it_and_a_tenth_in_steps_and_after_a_reboot() -> None:
    wanted = wanted_settings(STOCK, DEMAND, {})["xen dom0_mem"]
    takes = 5000 * (73 + 265) + (28 + 10) * 1024
    assert wanted == Kept(17 * 128, 1024)
    assert 16 * 128 < (1048576 - 800000 + 1.1 * takes) / 1024 <= 17 * 128
    files = rendered({"xen dom0_mem": wanted}, {})
    assert files["/etc/default/grub.d/60-flowstream-dom0.cfg"].splitlines()[-1] == (
        f'GRUB_CMDLINE_XEN_DEFAULT="$GRUB_CMDLINE_XEN_DEFAULT dom0_mem={wanted.value}M,max:{wanted.value}M"'
    )


def test_settings_are_kept_where_each_belongs() -> None:
    files = rendered(
        {
            "sysctl kernel.pty.max": Kept(8192, 4096),
            "tasks user-0.slice": Kept(4096, 2319),
            "files xenconsoled": Kept(262144, 132008),
            "quota quota-maxwatch": Kept(256, 100),
        },
        {"xenconsoled": "xen.service"},
    )
    assert {path: text.splitlines()[1:] for path, text in files.items()} == {
        "/etc/sysctl.d/60-flowstream-dom0.conf": ["kernel.pty.max = 8192"],
        "/etc/systemd/system/user-0.slice.d/60-flowstream-dom0.conf": ["[Slice]", "TasksMax=4096"],
        "/etc/systemd/system/xen.service.d/60-flowstream-dom0.conf": ["[Service]", "LimitNOFILE=262144"],
    }


def test_walls_that_no_setting_moves_are_said() -> None:
    demand = Demand(1000, memory=8192, boot="pv")
    [short] = shortfalls(STOCK, demand, wanted_settings(STOCK, demand, {}))
    assert short.startswith("memory of the host is enough for 37")
    assert short.endswith(" of 1000 domains: more memory, or smaller domains")
