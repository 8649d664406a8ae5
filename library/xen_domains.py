#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xen_domains
short_description: Thousands of Xen domains from a template
version_added: "0.1.0"
description:
  - Has one domain for each number of a range, all from one template, or none of them.
  - The program domain-builder, which role C(clickos_domains) installs, makes them over one connection to the hypervisor and
    one to XenStore. No process, no script and no console stay with a domain. Few domains are made by the toolstack,
    as by M(xen_domain).
  - What is there is read back from the hypervisor and XenStore each time. A run that was interrupted, or failed at some
    domain, is continued by the next one; what was made is kept.
  - After each batch it waits until no more domains are silent than a batch has, and ends when memory gets short.
options:
  state:
    description: Whether they run. V(absent) ends them at once, and leaves no port and no node of theirs.
    type: str
    choices: [present, absent]
    default: present
  kernel:
    description: The kernel, a file in dom0.
    type: path
  kind:
    description: How they boot. V(pvh) needs a processor with nested paging, and 1 MiB more each for page tables.
    type: str
    choices: [pv, pvh]
    default: pv
  memory_mib:
    description: Memory of each in MiB. ClickOS needs 4 as PV, 2 as PVH.
    type: int
    default: 4
  cmdline:
    description: The kernel's command line.
    type: str
    default: ""
  vifs:
    description:
      - The interfaces of each, ports of Open vSwitch. They have no anti_spoof as those of M(xen_domain), for that is a hotplug
        script, and none is run here. M(openflow_flows) can drop what a port may not send.
    type: list
    elements: dict
    default: []
    suboptions:
      device:
        description: The interface's name in dom0, with V({number}) in it.
        type: str
        required: true
      bridge:
        description: The Open vSwitch bridge.
        type: str
        required: true
      mac:
        description: The Ethernet address of number 0; each number adds one.
        type: str
        required: true
      ofport:
        description:
          - The OpenFlow port number of number 0 on the bridge; each number adds one. It is asked for, and not waited for.
            Without it the bridge chooses.
        type: int
      vlan:
        description: The access VLAN. Without it the port is a trunk.
        type: int
  configuration:
    description:
      - What a ClickOS domain starts with. V({number}), V({name}) and V({mac}) (of its first interface) are filled in.
    type: str
    default: ""
  configured_by:
    description: How it gets that, as its ramdisk or in XenStore (at most 2,000 bytes).
    type: str
    choices: [ramdisk, startup_config]
    default: ramdisk
  console:
    description: Whether they have a console. It costs an event channel, a pty and four files of xenconsoled each.
    type: bool
    default: false
  method:
    description:
      - What makes them. V(auto) is V(libxenctrl) for more than 16 domains and for those with a O(configuration), else
        libvirt or xl as M(xen_domain) chooses.
    type: str
    choices: [auto, libxenctrl, libvirt, xl]
    default: auto
  restart:
    description: Replace domains that run and were made from another template. Else they are returned as RV(outdated).
    type: bool
    default: false
  batch:
    description: Domains a batch.
    type: int
    default: 50
  reserve_mib:
    description: Memory of the host in MiB that stays free.
    type: int
    default: 64
  ready:
    description: Wait at the end until all domains have said that they run their configuration.
    type: bool
    default: true
  timeout:
    description: Seconds that domains may take to answer after their batch was made.
    type: float
    default: 120
  progress:
    description: A file that gets a line a batch with rate and time left; C(tail -f) it.
    type: path
    default: /run/flowstream/xen_domains.progress
extends_documentation_fragment:
  - domain_range
notes:
  - Supports check mode and C(--diff), which shows counts and ranges.
  - Domains made by domain-builder are ended by C(xl destroy), too; their ports stay then, until V(absent).
requirements:
  - Xen 4.17, Open vSwitch, the program domain-builder
  - python3-libvirt and python3-lxml, with method libvirt
seealso:
  - module: xen_domains_info
  - module: xen_domain
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Run a thousand ClickOS domains
  xen_domains:
    name: "fw{number:04}"
    count: 1000
    kernel: /var/lib/flowstream/images/clickos-full
    configuration: "FromDevice(0) -> counter :: Counter -> Discard;"
    vifs:
      - {device: "fw{number}", bridge: br-pm, mac: "02:00:00:00:00:00"}

- name: Look at them
  xen_domains_info:
    name: "fw{number:04}"
    count: 1000
    handler: counter.count

- name: Remove them
  xen_domains:
    name: "fw{number:04}"
    count: 1000
    state: absent
    vifs:
      - {device: "fw{number}", bridge: br-pm, mac: "02:00:00:00:00:00"}
"""

RETURN = r"""
changes:
  description: What was, or in check mode would be, done.
  returned: success
  type: list
  elements: str
  sample: ["create 1,000 domains fw{number:04}: 1-1000"]
created:
  description: How many domains were made.
  returned: always
  type: int
  sample: 1000
destroyed:
  description: How many were ended.
  returned: always
  type: int
  sample: 0
outdated:
  description: Numbers of domains that run and were made from another template.
  returned: success
  type: list
  elements: int
  sample: []
phases:
  description:
    - Seconds a domain, of each phase. C(create), C(build), C(store) and C(start) follow each other, C(plug) is the time
      until its interfaces are there, while the next are made.
  returned: success
  type: dict
  sample: {create: 0.004, build: 0.06, store: 0.1, start: 0.02, plug: 0.6}
seconds:
  description: How long all took.
  returned: success
  type: float
  sample: 412.6
call:
  description: The call that failed.
  returned: when a domain cannot be made or ended
  type: str
  sample: xc_domain_create
errno:
  description: Its error number.
  returned: when a domain cannot be made or ended
  type: int
  sample: 12
domid:
  description: The number of the domain that failed.
  returned: when a domain cannot be made or ended
  type: int
  sample: 1011
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.converge import resolved
from ansible.module_utils.flowstream.xen.domain import VIF_ARGUMENTS
from ansible.module_utils.flowstream.xen.mass.converge import METHODS, Pace, converge_domains
from ansible.module_utils.flowstream.xen.mass.observe import RANGE_ARGUMENTS
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, VifTemplate


def template(params: dict) -> DomainTemplate:
    """The template that the task describes."""
    copied = ("name", "first", "count", "kind", "cmdline", "configuration", "configured_by", "console")
    return DomainTemplate(
        **{key: params[key] for key in copied},
        kernel=resolved(params["kernel"] or "/nowhere"),
        memory_kib=params["memory_mib"] * 1024,
        vifs=tuple(VifTemplate(**vif) for vif in params["vifs"]),
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **RANGE_ARGUMENTS,
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "kernel": {"type": "path"},
            "kind": {"type": "str", "choices": ["pv", "pvh"], "default": "pv"},
            "memory_mib": {"type": "int", "default": 4},
            "cmdline": {"type": "str", "default": ""},
            "vifs": {"type": "list", "elements": "dict", "default": [], "options": VIF_ARGUMENTS},
            "configuration": {"type": "str", "default": ""},
            "configured_by": {"type": "str", "choices": ["ramdisk", "startup_config"], "default": "ramdisk"},
            "console": {"type": "bool", "default": False},
            "method": {"type": "str", "choices": list(METHODS), "default": "auto"},
            "restart": {"type": "bool", "default": False},
            "batch": {"type": "int", "default": 50},
            "reserve_mib": {"type": "int", "default": 64},
            "ready": {"type": "bool", "default": True},
            "timeout": {"type": "float", "default": 120},
            "progress": {"type": "path", "default": "/run/flowstream/xen_domains.progress"},
        },
        required_if=[("state", "present", ["kernel"])],
        supports_check_mode=True,
    )
    params = module.params
    pace = Pace(
        params["batch"], params["reserve_mib"] * 1024, params["timeout"], params["ready"], Path(params["progress"])
    )
    try:
        result = converge_domains(
            local_run(COMMAND_SECONDS), template(params), params["state"], params["restart"], pace,
            params["method"], params["program"], module.check_mode,
        )  # fmt: skip
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
