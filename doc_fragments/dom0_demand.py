# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that are told what somebody wants to run on a dom0: DEMAND_ARGUMENTS of dom0/facts."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    DOCUMENTATION = r"""
options:
  domains:
    description: How many domains are wanted on this host, those that run included.
    type: int
    required: true
  vifs:
    description: Network interfaces of each.
    type: int
    default: 1
  memory_kib:
    description: Memory of each in KiB.
    type: int
    default: 8192
  boot:
    description: How they boot.
    type: str
    choices: [pv, pvh]
    default: pvh
  guest:
    description: What runs in them. A Linux guest takes an event channel for each direction of an interface, ClickOS one.
    type: str
    choices: [clickos, linux]
    default: clickos
  toolstack:
    description:
      - What creates them. V(xl) leaves a process for each domain. V(libvirt) does not, but both wait for each console's
        terminal. V(direct) is whatever does neither.
      - C(xl create -e) leaves no process and is like V(libvirt).
    type: str
    choices: [direct, libvirt, xl]
    default: direct
  bridge:
    description: What their interfaces are plugged into.
    type: str
    choices: [openvswitch, linux]
    default: openvswitch
  console:
    description: Whether they have a console that xenconsoled serves, as libxl gives to every domain.
    type: bool
    default: true
requirements:
  - Xen's services and xen-utils on the managed host, which is a dom0
"""
