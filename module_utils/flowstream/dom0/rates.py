# SPDX-License-Identifier: Apache-2.0
"""What dom0 spends on every interface again and again, whatever the domains do: rates, which no table of limits shows."""

from __future__ import annotations

from math import ceil

from ansible.module_utils.flowstream.dom0.facts import Demand, Dom0

STATISTICS = "ovs stats-update-interval"
"""Milliseconds between two looks of Open vSwitch at the counters of all its ports (ovs-vswitchd.conf.db(5))."""
STATISTICS_STOCK = 5000
"""What Open vSwitch does where its database does not say."""
PORT_MS = 0.5
"""What one port costs in such a look, in milliseconds of a processor. MEASURED"""
SHARE = 0.01
"""As much of a processor may go into looks at counters."""
VIF_EVENTS = "udev quick-vifs"
"""1 where udev starts no program for the interface of a domain, and systemd has no unit for it."""
VIF_RULES_FILE = "/etc/udev/rules.d/99-zz-flowstream-dom0.rules"
VIF_RULES = 'SUBSYSTEM=="net", DRIVERS=="vif", TAG-="systemd", RUN=""'
"""The last word about an interface of netback: Debian's own rules run systemd-sysctl for each, and have systemd(1) track it (udev(7))."""
MANY_INTERFACES = 100
"""From so many on it is worth it: in an emulated dom0 the programs take a fifth of the time of a creation. MEASURED"""


def rate_settings(host: Dom0, demand: Demand) -> dict[str, int]:
    """What each setting has to be at least, so that the wanted interfaces do not keep dom0 busy by being there."""
    interfaces = demand.domains * demand.vifs
    found = {VIF_EVENTS: int(interfaces > MANY_INTERFACES)}
    if demand.bridge == "openvswitch" and host.statistics_interval is not None:
        found[STATISTICS] = ceil(interfaces * PORT_MS / SHARE)
    return found
