#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: openvswitch_bridge
short_description: A bridge of Open vSwitch with numbered ports
version_added: "0.1.0"
description:
  - Makes a bridge with the wanted settings and plugs interfaces into it as the wanted OpenFlow ports, all in one
    transaction of Open vSwitch's database.
  - Waits until the switch has given each port its number. Flows name ports by number, so another number is an error.
  - Settings and ports that are not named stay as they are.
options:
  name:
    description: Name of the bridge.
    type: str
    required: true
  state:
    description: V(absent) removes the bridge and unplugs all its ports.
    type: str
    choices: [present, absent]
    default: present
  datapath_type:
    description: V(system) for the kernel's datapath, V(netdev) for the one in user space.
    type: str
    choices: [system, netdev]
    default: system
  fail_mode:
    description: What the bridge does without a controller. V(secure) forwards by our flows alone.
    type: str
    choices: [secure, standalone]
    default: secure
  protocols:
    description: The OpenFlow versions that it speaks.
    type: list
    elements: str
    default: [OpenFlow13]
  ports:
    description: The interfaces to plug in.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the interface.
        type: str
        required: true
      ofport:
        description: Its OpenFlow port number, 1 to 65279.
        type: int
        required: true
      type:
        description: Interface type of Open vSwitch, for example V(afxdp-nonpmd); empty for the system's own.
        type: str
        default: ""
      bfd_interval:
        description:
          - Milliseconds between two packets of BFD (RFC 5880) that the port sends; it counts as alive in fast-failover groups while such
            come in by it, of which three may be lost. For two ports of a bridge with something between them, which may be silent
            although its links are up. V(0) ends it; without it, it stays as it is.
        type: int
  timeout:
    description: Seconds until a port without its number is an error.
    type: int
    default: 15
notes:
  - Supports check mode, which predicts exactly, and C(--diff).
requirements:
  - ovs-vsctl on the managed host
seealso:
  - module: openflow_flows
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Make a bridge with two ports
  openvswitch_bridge:
    name: br-flow
    ports:
      - {name: eth1, ofport: 1}
      - {name: eth2, ofport: 11}

- name: The same in user space, where the kernel has no Open vSwitch
  openvswitch_bridge:
    name: br-flow
    datapath_type: netdev
    ports:
      - {name: eth1, ofport: 1, type: afxdp-nonpmd}

- name: Remove it
  openvswitch_bridge:
    name: br-flow
    state: absent
"""

RETURN = r"""
changes:
  description: One line for each thing that was, or in check mode would be, changed.
  returned: success
  type: list
  elements: str
  sample: ["add port eth1 (OpenFlow port 1)"]
"""

import time

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openvswitch.bridge import (
    Bridge,
    BridgePort,
    bridge_changes,
    merged,
    removal_changes,
    vsctl_argv,
)
from ansible.module_utils.flowstream.openvswitch.observe import await_ports, observe_bridge
from ansible.module_utils.flowstream.world.run import checked, local_run

PORT_OPTIONS = {
    "name": {"type": "str", "required": True},
    "ofport": {"type": "int", "required": True},
    "type": {"type": "str", "default": ""},
    "bfd_interval": {"type": "int"},
}


def wanted_bridge(params: dict) -> Bridge:
    """The bridge that the task describes."""
    return Bridge(
        name=params["name"],
        settings={
            "datapath_type": params["datapath_type"],
            "fail_mode": params["fail_mode"],
            "protocols": ",".join(sorted(params["protocols"])),
        },
        ports={port["name"]: BridgePort(**port) for port in params["ports"]},
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "datapath_type": {"type": "str", "choices": ["system", "netdev"], "default": "system"},
            "fail_mode": {"type": "str", "choices": ["secure", "standalone"], "default": "secure"},
            "protocols": {"type": "list", "elements": "str", "default": ["OpenFlow13"]},
            "ports": {"type": "list", "elements": "dict", "default": [], "options": PORT_OPTIONS},
            "timeout": {"type": "int", "default": 15},
        },
        supports_check_mode=True,
    )
    params = module.params
    run = local_run(timeout=60)
    try:
        want = wanted_bridge(params) if params["state"] == "present" else None
        have = observe_bridge(run, params["name"])
        changes = bridge_changes(want, have) if want else removal_changes(params["name"], have)
        if changes and not module.check_mode:
            checked(run, vsctl_argv(changes), f"change bridge {params['name']}")
            if want:
                await_ports(run, want, time.monotonic() + params["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    before = "\n".join(have.lines()) + "\n" if have else ""
    after = "".join(f"{line}\n" for line in merged(want, have).lines()) if want else ""
    module.exit_json(changed=bool(changes), changes=[str(c) for c in changes], diff={"before": before, "after": after})


if __name__ == "__main__":
    main()
