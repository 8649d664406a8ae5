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
  error:
    description: An error that a toolstack gave, for C(causes).
    type: str
    default: ""
extends_documentation_fragment:
  - dom0_demand
notes:
  - Changes nothing, and so supports check mode.
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
  sample: &wall
    wall: memory of dom0
    domains: 1840
    enough: true
    stops: true
    limit: 761956
    used: 0
    each: 408
    knob: Xen dom0_mem
    applies: reboot
    source: measured, docs/walls.md
walls:
  description: >-
    Every wall, the nearest first. C(stops) is false for one behind which domains are still made but something else no
    longer works; C(applies) says when a turned C(knob) works, C(now), after a C(reboot), with another C(kernel), or that
    there is C(nothing) to turn.
  returned: success
  type: list
  elements: dict
  sample: [*wall]
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
from ansible.module_utils.flowstream.dom0.capacity import capacity
from ansible.module_utils.flowstream.dom0.facts import DEMAND_ARGUMENTS, Demand
from ansible.module_utils.flowstream.dom0.observe import observe_dom0, open_hypervisor
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.error_causes import causes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **DEMAND_ARGUMENTS,
            "error": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        demand = Demand.from_params(params)
        found = capacity(observe_dom0(local_run(COMMAND_SECONDS), open_hypervisor()), demand)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, causes=causes(params["error"]), **found)


if __name__ == "__main__":
    main()
