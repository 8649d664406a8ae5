# SPDX-License-Identifier: Apache-2.0
"""Guests of the tests on Xen, and the networks that they stand between: dom0's own, and a namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .xen_host import PLACE, XenHost

NEAR, FAR = "192.168.5", "192.168.6"
MACS = ("00:16:3e:00:05:fe", "00:16:3e:00:06:fe")
SCRIPT = f"{PLACE}/xen_vif.sh"
VIFS = [f"mac={mac},bridge={bridge},script={SCRIPT}" for mac, bridge in zip(MACS, ("near", "far"), strict=True)]
SLIDES = "FromClickOS(0) -> Print -> Discard;"
ROUTER = f"""
elementclass Port {{ $number, $address, $mac |
    FromDevice($number) -> kind :: Classifier(12/0806 20/0001, 12/0806 20/0002, 12/0800, -);
    out :: Queue(512) -> ToDevice($number);
    kind[0] -> ARPResponder($address $mac) -> out;
    arp :: ARPQuerier($address, $mac) -> out;
    kind[1] -> [1] arp;
    kind[2] -> Strip(14) -> CheckIPHeader -> received :: Counter -> output;
    kind[3] -> Discard;
    input -> forwarded :: Counter -> DecIPTTL -> arp;
}}
near :: Port(0, {NEAR}.254, {MACS[0]});
far :: Port(1, {FAR}.254, {MACS[1]});
table :: StaticIPLookup({NEAR}.0/24 0, {FAR}.0/24 1);
near -> table; far -> table;
table[0] -> near; table[1] -> far;
// VERSION 1
"""


@dataclass
class Guest:
    """A domain of a test. `rate`: datagrams a second that it carries, of three fragments too, where it is emulated."""

    host: XenHost
    name: str
    kind: str
    rate: float = 40

    def __call__(self, what: str, *args: Any, **options: Any) -> Any:
        return self.host.call(what, self.name, *args, **options)

    def number(self, handler: str) -> int:
        return int(self("read", handler))

    @property
    def folder(self) -> str:
        return f"/local/domain/{self.host.call('sh', f'xl domid {self.name}').strip()}"


def passes(host: XenHost) -> None:
    """Ping both ways."""
    host.call("ping", f"{FAR}.1")
    host.call("ping", f"{NEAR}.1", inside="far")
