#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_drift
short_description: Say what on a platform is not as planned
version_added: "0.2.0"
description:
  - Puts together what the modules that deploy a plan would do now, by check mode, and the flows that belong to no allocation.
    Compares nothing itself, and changes nothing.
options:
  changes:
    description:
      - What M(openflow_flows), M(click_process) or M(click_domain) returned as C(changes)
        in check mode, by machine.
    type: dict
    required: true
  flows:
    description: What M(openflow_stats) returned as C(flows) of each bridge, without a cookie, by machine.
    type: dict
    required: true
  allocations:
    description: The allocations that have flows there.
    type: list
    elements: str
    required: true
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: openflow_flows
  - module: openflow_stats
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Compare the switch with the plan
  openflow_flows:
    bridge: br-flow
    cookie: "{{ plan.cookie }}"
    flows: "{{ plan.switches.sw1.flows }}"
  check_mode: true
  register: compared

- name: Read its flows
  openflow_stats:
    bridge: br-flow
  register: counters

- name: Say what differs
  platform_drift:
    changes: {sw1: "{{ compared.changes }}"}
    flows: {sw1: "{{ counters.flows }}"}
    allocations: ["{{ plan.allocation.id }}"]
  register: drift
"""

RETURN = r"""
differences:
  description: What differs, by machine; C(change) is what would be done about it, C(foreign) a flow that belongs to nobody.
  returned: success
  type: list
  elements: dict
  sample: [{machine: sw1, change: "", foreign: "cookie=0xfeed,table=0,priority=7,arp actions=drop"}]
table:
  description: The same for people.
  returned: success
  type: str
  sample: machine ...
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.drift import drift, drift_table


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "changes": {"type": "dict", "required": True},
            "flows": {"type": "dict", "required": True},
            "allocations": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        found = drift(params["changes"], params["flows"], params["allocations"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, differences=[one.to_dict() for one in found], table=drift_table(found))


if __name__ == "__main__":
    main()
