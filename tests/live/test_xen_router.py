# SPDX-License-Identifier: Apache-2.0
"""The main job on Xen hosts: from an allocation to packets that cross ClickOS domains, and back to nothing.

The tests are one story in the order of this file: each goes on from where the one before it left the lab.
"""

from __future__ import annotations

import json
import os

import pytest

from .router_lab import RouterLab, await_condition

pytestmark = [
    pytest.mark.xen,
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines"),
]

HOSTS = {"mh1": "felipeiprouter-pm0", "mh2": "felipeiprouter-pm1"}
IMAGES = "/var/lib/flowstream/images"
LINUX_GUESTS = {"module_host_pm_kind": "linux_guest"}
BOOT_SECONDS = 420.0  # a minute and a half when the machine has nothing else to emulate
SLOW_XENSTORED = """
pid=$(cat /run/xenstore.pid)
trap 'kill -CONT $pid; exit' TERM
while :; do kill -STOP $pid; sleep 1; kill -CONT $pid; sleep 0.1; done
"""
TRACES = """
virsh -c xen:///system list --all --name | sed '/^$/d; /^Domain-0$/d; s/^/defined /'
ovs-vsctl list-ports br-pm | sed -n 's/^pm/port pm/p'
ip -brief link | sed -n 's/^pm/interface pm/p'
xenstore-list /local/domain | sed '/^0$/d; s/^/XenStore domain /'
xenstore-ls /local/domain/0/backend/vif 2>/dev/null | sed 's/^/XenStore backend /'
find /etc/flowstream 2>/dev/null | sed 's/^/file /'
"""


def domains(lab: RouterLab, host: str) -> dict[str, str]:
    """The numbers of the domains that run on a host, by name."""
    rows = [line.split() for line in lab.machine(host).run("xl", "list").splitlines()[1:]]
    return {name: number for name, number, *_ in rows if number != "0"}


def remove(lab: RouterLab) -> None:
    """Remove the router: it leaves no domain, port, flow or node of XenStore."""
    lab.play("remove-router")
    for host in HOSTS:
        assert lab.machine(host).run("sh", "-c", TRACES) == ""
        assert lab.flows(host) == []
    assert lab.flows("sw1") == []


def test_a_deployment_runs_a_domain_for_each_module_on_its_host(xen_lab: RouterLab) -> None:
    xen_lab.play("deploy-router")
    for host, pm in HOSTS.items():
        assert list(domains(xen_lab, host)) == [pm]


@pytest.mark.deploys("felipeiprouter", kind="clickos")
def test_every_prefix_is_reached_at_its_port_through_its_host_and_nothing_is_lost(xen_lab: RouterLab) -> None:
    xen_lab.verify()


def test_the_status_shows_the_domains_with_their_counters(xen_lab: RouterLab) -> None:
    xen_lab.play("status")
    modules = json.loads((xen_lab.build / "status.json").read_text())["modules"]
    assert {module["host"]: module["name"] for module in modules} == HOSTS
    assert all(module["active"] and not module["error"] for module in modules)
    assert all(int(module["handlers"]["in0.count"]) > 0 for module in modules)


def test_another_deployment_changes_nothing(xen_lab: RouterLab) -> None:
    assert xen_lab.play("deploy-router").changed == {}


def test_a_destroyed_domain_is_restored_and_nothing_else_is_touched(xen_lab: RouterLab) -> None:
    before = domains(xen_lab, "mh2")
    xen_lab.machine("mh1").run("xl", "destroy", HOSTS["mh1"])
    result = xen_lab.play("deploy-router")
    assert set(result.changed) - {"localhost"} == {"mh1"}
    assert domains(xen_lab, "mh2") == before
    assert list(domains(xen_lab, "mh1")) == [HOSTS["mh1"]]
    assert xen_lab.pings(0, "192.168.6.1")
    assert xen_lab.pings(0, "10.0.6.1")


def test_a_rebooted_dom0_leads_packets_to_its_domains_again_without_a_playbook(xen_lab: RouterLab) -> None:
    before, untouched = xen_lab.flows("mh1"), domains(xen_lab, "mh2")
    boot = xen_lab.machine("mh1").run("cat", "/proc/sys/kernel/random/boot_id")
    xen_lab.machine("mh1").ask("systemctl", "reboot")

    def rebooted() -> bool:
        done = xen_lab.machine("mh1").ask("cat", "/proc/sys/kernel/random/boot_id")
        return done.returncode == 0 and done.stdout != boot

    await_condition("dom0 boots", rebooted, BOOT_SECONDS)
    await_condition("the router of mh1 answers", lambda: xen_lab.pings(0, "192.168.6.1"), BOOT_SECONDS)
    assert list(domains(xen_lab, "mh1")) == [HOSTS["mh1"]]
    assert xen_lab.flows("mh1") == before
    assert domains(xen_lab, "mh2") == untouched
    assert xen_lab.play("deploy-router").changed == {}


def test_a_slow_xenstored_is_waited_for_and_one_that_stands_still_is_named(xen_lab: RouterLab) -> None:
    host, read = xen_lab.machine("mh1"), {"domain": HOSTS["mh1"], "read": ["in0.count"]}
    host.run("systemd-run", "--collect", "--unit=slow-xenstored", "sh", "-c", SLOW_XENSTORED)
    waited = xen_lab.module("mh1", "click_handler", **read, timeout=60)
    host.run("systemctl", "stop", "slow-xenstored")
    assert waited.code == 0, waited.output
    host.run("sh", "-c", "kill -STOP $(cat /run/xenstore.pid)")
    try:
        refused = xen_lab.module("mh1", "click_handler", **read, timeout=3)
        await_condition("packets cross without xenstored", lambda: xen_lab.pings(0, "192.168.6.1"))
    finally:
        host.run("sh", "-c", "kill -CONT $(cat /run/xenstore.pid)")
    assert refused.code != 0
    assert "no answer from XenStore in 3 s" in refused.output


def test_an_image_that_one_host_lost_comes_back_and_no_domain_is_touched(xen_lab: RouterLab) -> None:
    before = {host: domains(xen_lab, host) for host in HOSTS}
    xen_lab.machine("mh2").run("find", IMAGES, "-name", "clickos-*", "-delete")
    result = xen_lab.play("deploy-router")
    assert set(result.changed) - {"localhost"} == {"mh2"}
    assert {host: domains(xen_lab, host) for host in HOSTS} == before


def test_a_disk_that_is_full_is_named_and_nothing_is_half_done(xen_lab: RouterLab) -> None:
    host, before = xen_lab.machine("mh2"), domains(xen_lab, "mh2")
    # What fills up is a disk of its own with room for a few blocks: a smaller one than the image.
    host.run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", IMAGES)
    try:
        failed = xen_lab.attempt("deploy-router")
        assert failed.code != 0
        assert "No space left on device" in failed.output
        # What belongs to an image goes before it, so that what is there under its name is complete.
        assert host.run("find", IMAGES, "-mindepth", "1", "!", "-name", "*.json") == ""
        assert domains(xen_lab, "mh2") == before
        assert xen_lab.pings(0, "10.0.6.1")
    finally:
        host.run("umount", IMAGES)
    assert xen_lab.play("deploy-router").changed == {}


def test_removal_leaves_no_domain_port_flow_or_node(xen_lab: RouterLab) -> None:
    remove(xen_lab)


@pytest.mark.deploys("felipeiprouter", kind="linux_guest")
def test_linux_guests_do_the_same_work(xen_lab: RouterLab) -> None:
    xen_lab.play("deploy-router", **LINUX_GUESTS)
    xen_lab.verify(**LINUX_GUESTS)
    assert xen_lab.play("deploy-router", **LINUX_GUESTS).changed == {}
    remove(xen_lab)
