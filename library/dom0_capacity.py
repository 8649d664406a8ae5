#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: dom0_capacity
short_description: How many domains a dom0 can carry, and what stops it then
version_added: "0.1.0"
description:
  - Reads what Xen and dom0 have now of each thing that creating domains uses up, and predicts for each the number of
    domains at which it runs out. The page docs/walls.md says where each term comes from.
  - Says, given the error of a toolstack, what it really means and what to do about it.
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
  error:
    description: An error that a toolstack gave, for C(causes).
    type: str
    default: ""
notes:
  - Changes nothing, and so supports check mode.
requirements:
  - Xen's services and xen-utils on the managed host, which is a dom0
seealso:
  - module: dom0_limits
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: See what stops a thousand domains with an interface each
  dom0_capacity:
    domains: 1000
  register: capacity

- name: See what stops the paravirtual ones that xl makes
  dom0_capacity:
    domains: 1000
    boot: pv
    memory_kib: 4096
    toolstack: xl

- name: Ask what an error means
  dom0_capacity:
    domains: 1000
    error: "libxl: error: libxl_domain.c:56:libxl__domain_rename: create xs transaction for domain (re)name: Invalid argument"
"""

RETURN = r"""
present:
  description: How many domains there are now.
  returned: success
  type: int
  sample: 12
domains:
  description: How many there can be in all; nothing when no wall is known.
  returned: success
  type: int
  sample: 1840
fits:
  description: Whether the wanted ones can be made.
  returned: success
  type: bool
  sample: true
first:
  description: The wall that comes first, one of C(walls).
  returned: success
  type: dict
  sample: {wall: memory of dom0, domains: 1840, enough: true, stops: true, limit: 761956, used: 0, each: 408, knob: Xen dom0_mem, applies: reboot, source: "measured, docs/walls.md"}
walls:
  description: >-
    Every wall, the nearest first. C(stops) is false for one behind which domains are still made but something else no
    longer works; C(applies) says when a turned C(knob) works, C(now), after a C(reboot), with another C(kernel), or that
    there is C(nothing) to turn.
  returned: success
  type: list
  elements: dict
  sample:
    - {wall: memory of dom0, domains: 1840, enough: true, stops: true, limit: 761956, used: 0, each: 408, knob: Xen dom0_mem, applies: reboot, source: "measured, docs/walls.md"}
table:
  description: The walls that can be reached, as text; those in brackets do not stop domains.
  returned: success
  type: str
  sample: "wall            reached at"
causes:
  description: What O(error) means, a sentence for each cause with the knob; empty when it is not known.
  returned: success
  type: list
  elements: str
  sample: ["xenstored is out of open files (EMFILE, which it spells EINVAL); raise LimitNOFILE of xenstored"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.dom0_capacity import capacity
from ansible.module_utils.flowstream.dom0_facts import BOOTS, BRIDGES, GUESTS, TOOLSTACKS, Demand
from ansible.module_utils.flowstream.error_causes import causes
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.observe_dom0 import observe_dom0, open_hypervisor
from ansible.module_utils.flowstream.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "domains": {"type": "int", "required": True},
            "vifs": {"type": "int", "default": 1},
            "memory_kib": {"type": "int", "default": 8192},
            "boot": {"type": "str", "choices": list(BOOTS), "default": "pvh"},
            "guest": {"type": "str", "choices": list(GUESTS), "default": "clickos"},
            "toolstack": {"type": "str", "choices": list(TOOLSTACKS), "default": "direct"},
            "bridge": {"type": "str", "choices": list(BRIDGES), "default": "openvswitch"},
            "console": {"type": "bool", "default": True},
            "error": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        names = ("domains", "vifs", "boot", "guest", "toolstack", "bridge", "console")
        demand = Demand(memory=params["memory_kib"], **{name: params[name] for name in names})
        found = capacity(observe_dom0(local_run(COMMAND_SECONDS), open_hypervisor()), demand)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, causes=causes(params["error"]), **found)


if __name__ == "__main__":
    main()
