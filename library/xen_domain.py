#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xen_domain
short_description: One Xen domain, PVH or PV, with its interfaces on Open vSwitch
version_added: "0.1.0"
description:
  - Makes one domain be as declared. It boots a kernel with an optional ramdisk, has no disk, and its interfaces are
    ports of Open vSwitch, with the OpenFlow port number and the VLAN that flows speak of.
  - Definitions are libvirt's, or files below C(/etc/xen/flowstream) where C(xl) is the toolstack. They carry whose
    domain it is as metadata.
  - An existing definition is changed in place. So are the OpenFlow port number and the VLAN of an interface while the
    domain runs. All else needs a restart of the domain, which happens when O(restart) allows it, and is returned as
    RV(restart_needed) when it does not.
  - The port of an interface is made before the domain starts and stays while it does not run, so that it has its number
    from its first packet on, and again after a reboot of dom0. Role C(module_host_xen) installs the hotplug script
    C(vif-flowstream), which brings the interface up and does nothing else.
  - Use it for a single domain; M(click_domain) runs the processing modules of an allocation.
options:
  name:
    description: The domain's name.
    type: str
    required: true
  state:
    description:
      - V(running), V(paused) and V(stopped) define the domain and bring it there. V(defined) writes the definition and
        leaves its life alone. V(absent) ends it at once and leaves nothing of it. V(stopped) ends it at once, too.
    type: str
    choices: [defined, running, paused, stopped, absent]
    default: running
  kind:
    description: How it boots.
    type: str
    choices: [pvh, pv]
    default: pvh
  kernel:
    description: The kernel, a file in dom0. A link is followed, so that one which leads elsewhere now is another kernel.
    type: path
  ramdisk:
    description: The ramdisk, a file in dom0. To a ClickOS domain it is the configuration that it starts with.
    type: path
  cmdline:
    description: The kernel's command line.
    type: str
    default: ""
  memory_mib:
    description: Memory in MiB.
    type: int
    default: 32
  vcpus:
    description: Virtual processors.
    type: int
    default: 1
  vifs:
    description: The interfaces; the domain numbers them in this order, from 0.
    type: list
    elements: dict
    default: []
    suboptions:
      device:
        description: The interface's name in dom0, and so its port's.
        type: str
        required: true
      bridge:
        description: The Open vSwitch bridge.
        type: str
        required: true
      mac:
        description: The domain's Ethernet address there.
        type: str
        required: true
      ofport:
        description: Its OpenFlow port number on the bridge. Without it the bridge chooses.
        type: int
      vlan:
        description: Its access VLAN. Without it the port is a trunk.
        type: int
      rate_mbps:
        description: What the domain may send, in megabits a second.
        type: int
      anti_spoof:
        description:
          - Drop what the domain sends from another Ethernet address than O(vifs[].mac), before the bridge sees it.
          - Not for routers, which send from the addresses of the platform's ports; for those see M(openflow_flows).
        type: bool
        default: false
  allocation:
    description: The allocation that it belongs to, for its metadata and its ports' external ids.
    type: str
  digest:
    description: Digest of what the plan says of it, for its metadata.
    type: str
    default: ""
  autostart:
    description: Whether it is started whenever dom0 boots. Without it, that is left as it is.
    type: bool
  restart:
    description: Restart a running domain when its definition cannot be taken otherwise.
    type: bool
    default: false
  timeout:
    description: Seconds until a started domain's port that has not got its OpenFlow number is an error.
    type: float
    default: 15
extends_documentation_fragment:
  - toolstack
notes:
  - Supports check mode, which predicts exactly, and C(--diff). In check mode a host without Xen or Open vSwitch counts
    as one that has no domains yet.
requirements:
  - Xen, Open vSwitch, and the hotplug scripts C(vif-flowstream) of role C(module_host_xen)
seealso:
  - module: xen_domain_info
  - module: click_domain
  - module: openflow_flows
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Run a ClickOS domain that starts with a configuration
  xen_domain:
    name: firewall
    kernel: /var/lib/flowstream/images/clickos-full
    ramdisk: /etc/flowstream/pm/firewall.click
    memory_mib: 8
    autostart: true
    vifs:
      - {device: fw0, bridge: br-pm, mac: "02:00:00:00:00:01", ofport: 300, vlan: 7, anti_spoof: true}

- name: Give it more memory, and restart it for that
  xen_domain:
    name: firewall
    kernel: /var/lib/flowstream/images/clickos-full
    ramdisk: /etc/flowstream/pm/firewall.click
    memory_mib: 16
    restart: true
    vifs:
      - {device: fw0, bridge: br-pm, mac: "02:00:00:00:00:01", ofport: 300, vlan: 7, anti_spoof: true}

- name: Look at it
  xen_domain_info:
    names: [firewall]

- name: Remove it
  xen_domain:
    name: firewall
    state: absent
"""

RETURN = r"""
changes:
  description: One line for each thing that was, or in check mode would be, done.
  returned: success
  type: list
  elements: str
  sample:
    - "define domain firewall: pvh, 8192 KiB, 1 vcpu, kernel /var/lib/flowstream/images/clickos-0123abcd"
    - "plug in domain firewall: fw0 is OpenFlow port 300 of br-pm"
    - start domain firewall
    - have domain firewall started at boot
restart_needed:
  description: Why the running domain is not yet what its definition says; empty when it is.
  returned: success
  type: list
  elements: str
  sample: ["its memory_kib is 8192, not 16384"]
domain:
  description: The domain as it is now, as M(xen_domain_info) has it; empty when there is none.
  returned: success
  type: dict
  sample: {name: firewall, state: running, id: 7, autostart: true}
"""

from functools import cache

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.converge import converge_domain, resolved
from ansible.module_utils.flowstream.xen.domain import KINDS, VIF_ARGUMENTS, Domain
from ansible.module_utils.flowstream.xen.steps import WantedDomain
from ansible.module_utils.flowstream.xen.toolstack import TOOLSTACK_ARGUMENTS

STATES = ["defined", "running", "paused", "stopped", "absent"]
VIF_OPTIONS = {
    **VIF_ARGUMENTS,
    "rate_mbps": {"type": "int"},
    "anti_spoof": {"type": "bool", "default": False},
}


def wanted_domain(params: dict) -> WantedDomain | str:
    """The domain that the task describes, or the name of one that is to go."""
    if params["state"] == "absent":
        return params["name"]
    copied = ("name", "kind", "cmdline", "vcpus", "vifs", "allocation", "digest")
    domain = Domain.from_dict(
        {key: params[key] for key in copied}
        | {
            "kernel": resolved(params["kernel"]),
            "ramdisk": resolved(params["ramdisk"] or ""),
            "memory_kib": params["memory_mib"] * 1024,
        }
    )
    return WantedDomain(domain, params["state"], params["autostart"], params["restart"])


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": STATES, "default": "running"},
            "kind": {"type": "str", "choices": list(KINDS), "default": "pvh"},
            "kernel": {"type": "path"},
            "ramdisk": {"type": "path"},
            "cmdline": {"type": "str", "default": ""},
            "memory_mib": {"type": "int", "default": 32},
            "vcpus": {"type": "int", "default": 1},
            "vifs": {"type": "list", "elements": "dict", "default": [], "options": VIF_OPTIONS},
            "allocation": {"type": "str"},
            "digest": {"type": "str", "default": ""},
            "autostart": {"type": "bool"},
            "restart": {"type": "bool", "default": False},
            **TOOLSTACK_ARGUMENTS,
            "timeout": {"type": "float", "default": 15},
        },
        required_if=[("state", state, ["kernel"]) for state in STATES if state != "absent"],
        supports_check_mode=True,
    )
    params = module.params
    run = local_run(COMMAND_SECONDS)
    open_host = cache(lambda: open_toolstack(params["toolstack"], params["uri"], run))
    try:
        result = converge_domain(open_host, run, wanted_domain(params), params["timeout"], module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
