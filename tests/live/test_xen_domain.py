# SPDX-License-Identifier: Apache-2.0
"""Module xen_domain on a real dom0, with both toolstacks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest

from .router_lab import ROOT, RouterLab, await_condition
from .xen_host import PLACE, XenHost

pytestmark = [pytest.mark.xen, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

HOST = os.environ.get("XEN_HOST", "mh1")
BRIDGE = "br-spoof"
SCRIPTS = "/etc/xen/scripts"
OWN, FOREIGN = "02:00:00:00:00:01", "02:00:00:00:00:02"


def frames(source: str) -> str:
    """A source of broadcasts from an Ethernet address, of an ethertype for experiments (IEEE 802, 0x88b5)."""
    return rf"RatedSource(DATA \<ffffffffffff {source.replace(':', '')} 88b5>, RATE 20)"


SENDER = f"out :: Queue -> ToDevice(0); {frames(OWN)} -> out; {frames(FOREIGN)} -> out;"


@pytest.fixture
def bridge(xen_lab: RouterLab, host: XenHost) -> Iterator[str]:
    """A bridge that counts what comes from either address, and the hotplug scripts."""
    machine = xen_lab.machine(HOST)
    source = ROOT / "roles" / "module_host_xen" / "files" / "etc" / "xen" / "scripts" / "vif-flowstream"
    for name in ("vif-flowstream", "vif-flowstream-anti-spoof"):
        copied = xen_lab.module(HOST, "copy", src=str(source), dest=f"{SCRIPTS}/{name}", mode="0755")
        assert copied.code == 0, copied.output
    machine.run("ovs-vsctl", "--may-exist", "add-br", BRIDGE, "--", "set-fail-mode", BRIDGE, "secure")
    for address in (OWN, FOREIGN):
        machine.run("ovs-ofctl", "add-flow", BRIDGE, f"dl_src={address},actions=drop")
    host.call("sh", f"cat >{PLACE}/sender.click <<'END'\n{SENDER}\nEND")
    yield BRIDGE
    machine.run("ovs-vsctl", "del-br", BRIDGE)


def arrived(lab: RouterLab, address: str) -> int:
    text = lab.machine(HOST).run("ovs-ofctl", "dump-flows", BRIDGE, f"dl_src={address}")
    found = re.search(r"n_packets=(\d+)", text)
    assert found, text
    return int(found.group(1))


def domain(lab: RouterLab, toolstack: str, **options: Any) -> str:
    vif = {"device": "spoof0", "bridge": BRIDGE, "mac": OWN, "anti_spoof": options.pop("anti_spoof", False)}
    done = lab.module(
        HOST,
        "xen_domain",
        **{
            "name": "sender",
            "kind": "pv",
            "kernel": f"{PLACE}/clickos",
            "ramdisk": f"{PLACE}/sender.click",
            "memory_mib": 8,
            "vifs": [vif],
            "toolstack": toolstack,
            "timeout": 120,
            **options,
        },
    )
    assert done.code == 0, done.output
    return done.output


@pytest.mark.parametrize("toolstack", ["libvirt", pytest.param("xl", marks=pytest.mark.long)])
def test_a_domain_with_anti_spoof_sends_from_its_own_address_alone(
    xen_lab: RouterLab, bridge: str, toolstack: str
) -> None:
    domain(xen_lab, toolstack)
    await_condition("both addresses arrive", lambda: min(arrived(xen_lab, OWN), arrived(xen_lab, FOREIGN)) > 0)
    assert "anti_spoof of vif 0 is False, not True" in domain(xen_lab, toolstack, anti_spoof=True)
    assert "changed: true" in domain(xen_lab, toolstack, anti_spoof=True, restart=True)
    seen = arrived(xen_lab, OWN), arrived(xen_lab, FOREIGN)
    await_condition("its own address arrives", lambda: arrived(xen_lab, OWN) > seen[0] + 20)
    assert arrived(xen_lab, FOREIGN) == seen[1]
    assert "changed: false" in domain(xen_lab, toolstack, anti_spoof=True)
    domain(xen_lab, toolstack, state="absent")
