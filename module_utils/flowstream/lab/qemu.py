# SPDX-License-Identifier: Apache-2.0
"""Machines of a lab that QEMU runs: Xen hosts."""

from __future__ import annotations

import json
import time
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.qemu_channel import Guest
from ansible.module_utils.flowstream.images.xen_machine import INTERFACES, XenImage, qemu_argv
from ansible.module_utils.flowstream.lab.cgroup import Cgroups
from ansible.module_utils.flowstream.lab.interface import derived_mac
from ansible.module_utils.flowstream.lab.topology import MANAGEMENT, Machine

AGENT_SECONDS = 120.0
"""How long the agent in a machine that goes on from a saved state may take to answer."""
SCRIPT_SECONDS = 120.0
POWEROFF_SECONDS = 120.0
_POLL_SECONDS = 0.1

# What makes a machine this one. hostnamectl would start a service for it, which a busy host has no time for; its network
# is systemd-networkd's, see systemd.network(5).
_INTRODUCTION = """
echo {name} >/etc/hostname
hostname {name}
cat >/etc/hosts <<'END'
{hosts}END
install -d -m 700 /root/.ssh
cat >/root/.ssh/authorized_keys <<'END'
{authorized}END
umask 077
cat >/etc/ssh/ssh_host_ed25519_key <<'END'
{host_key}END
cat >/etc/systemd/network/20-mgmt0.network <<'END'
[Match]
Name=mgmt0
[Link]
MACAddress={mac}
[Network]
LinkLocalAddressing=no
IPv6AcceptRA=no
Address={address}/{prefix_length}
END
chmod 644 /etc/systemd/network/20-mgmt0.network
networkctl reload
networkctl reconfigure mgmt0
systemctl reset-failed ssh
systemctl restart ssh
"""
# QEMU makes the interface, and calls this with its name.
_JOIN_BRIDGE = '#!/bin/sh\nexec ip link set dev "$1" master "br-${1#tap-}" up\n'


def read_image(directory: Path) -> XenImage:
    """The image in `directory`."""
    try:
        return XenImage(directory, **json.loads((directory / "image.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise FlowstreamError(f"cannot read the image {directory}: {error}; make it with role xen_bench") from error


def boot(machine: Machine, image: XenImage, cgroups: Cgroups) -> None:
    """Start QEMU in the machine's namespace and group.

    A machine that has been introduced boots from its disk; a new one goes on from the state of its image.
    """
    script = machine.directory / "join-bridge"
    script.write_text(_JOIN_BRIDGE)
    script.chmod(0o755)
    netdevs = {name: f"tap,ifname=tap-{name},script={script},downscript=no" for name in INTERFACES}
    argv = qemu_argv(image, machine.directory, netdevs, snapshot=not machine.introduced.exists())
    entered = ["ip", "netns", "exec", machine.namespace, *argv]
    cgroups.start(f"{machine.namespace}/supervisor", entered, machine.directory / "console.log")


def introduce(machine: Machine, hosts: str, key: Path, cgroups: Cgroups) -> None:
    """Tell a machine its name, address, keys and the time, unless it has been told."""
    authorized = key.with_suffix(".pub").read_text()
    if machine.introduced.exists() and machine.introduced.read_text() == authorized:
        return
    guest = Guest(machine.directory / "agent")
    deadline = time.monotonic() + AGENT_SECONDS
    while not guest.answers():
        if time.monotonic() > deadline or not cgroups.processes(machine.namespace):
            raise FlowstreamError(f"cannot start machine {machine.name}: its agent does not answer")
        time.sleep(_POLL_SECONDS)
    guest.set_clock()
    guest.run(
        _INTRODUCTION.format(
            name=machine.name,
            hosts=hosts,
            authorized=authorized,
            host_key=machine.host_key.read_text(),
            mac=derived_mac(machine.namespace, MANAGEMENT),
            address=machine.address,
            prefix_length=machine.prefix_length,
        ),
        SCRIPT_SECONDS,
    )
    machine.introduced.write_text(authorized)


def shut_down(machine: Machine, cgroups: Cgroups) -> None:
    """Let the machine's services stop; one whose agent does not answer is not waited for."""
    guest = Guest(machine.directory / "agent")
    if not guest.answers():
        return
    guest.shut_down()
    deadline = time.monotonic() + POWEROFF_SECONDS
    while cgroups.processes(machine.namespace) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
