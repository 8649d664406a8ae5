#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: openflow_flows
short_description: The flows of one owner on one OpenFlow switch
version_added: "0.1.0"
description:
  - Makes the flows that carry O(cookie) on one switch be exactly the declared ones. Flows with any other cookie are
    never touched.
  - All of the change is one OpenFlow bundle, so the switch takes all of it or nothing. Inside it, what is new comes
    before what goes, and groups come before and go after the flows that use them.
  - Flows are compared by meaning, not by spelling. A flow whose actions alone change keeps its counters.
  - What the switch has taught itself by the action C(learn) of a declared flow, in the table and under the cookie that it names, is
    as it should be and left alone. It goes when no declared flow teaches it any more.
  - Use it for every flow table that a plan decides; use M(openflow_stats) to read.
options:
  cookie:
    description:
      - The owner's mark, 64 bits, decimal or V(0x) hexadecimal, not 0. Every declared flow gets it.
    type: str
    required: true
  flows:
    description:
      - The whole set of flows. Each is text in the syntax of C(ovs-ofctl) (V(table=0,priority=10,ip,nw_dst=10.0.0.0/8
        actions=output:2)), or a mapping with C(table), C(priority), C(match) (field to value), C(actions) (list),
        C(idle_timeout), C(hard_timeout) and C(flags), as in the plan. C(why) is shown with what is changed and is otherwise
        nothing to the switch; a flow with another C(why) is the same flow.
      - Ports are numbers, or OpenFlow's reserved names such as V(LOCAL) and V(IN_PORT).
    type: list
    elements: raw
    default: []
  groups:
    description:
      - The groups that the flows use, as text in the syntax of C(ovs-ofctl) or as mappings with C(group_id), C(type)
        and C(buckets). A group belongs to the owner whose flows use it.
    type: list
    elements: raw
    default: []
  optional:
    description:
      - Flows that may be there or not, as in O(flows). One that the switch has under O(cookie) is as if it were declared, one that it
        has not is not added.
    type: list
    elements: raw
    default: []
  purge:
    description:
      - Remove flows of the owner that are not declared. With V(false) they stay, for a deployment that leads packets to
        new modules first and takes away what led to old ones in a later task.
    type: bool
    default: true
  permanent:
    description:
      - Keep the owner's flows and groups on the managed host as well, as a bundle of C(ovs-ofctl) in
        C(/etc/flowstream/flows/BRIDGE/COOKIE). Open vSwitch has no flows when its machine has rebooted; the unit that
        role C(open_vswitch) installs gives it these. An owner without flows has no file.
      - For O(connection=local) only; an appliance has its own way of keeping flows.
    type: bool
    default: false
  state:
    description: V(present) makes the owner's flows be the declared ones; V(absent) removes all of them.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - switch_connection
notes:
  - Supports check mode, which predicts exactly, and C(--diff). In check mode a bridge that is not there yet, or a host
    without Open vSwitch, counts as one without flows.
seealso:
  - module: openflow_stats
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Send one prefix to a module host and its answers back
  openflow_flows:
    bridge: br-flow
    cookie: "0x5eed000000000001"
    flows:
      - priority=108,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst=10.0.0.0/8 actions=output:11
      - table: 0
        priority: 100
        match: {in_port: 11, dl_src: "00:15:17:15:5d:20"}
        actions: ["output:1"]

- name: Balance over two links with a group, also after a reboot
  openflow_flows:
    bridge: br-flow
    cookie: "0x5eed000000000001"
    permanent: true
    groups:
      - group_id=1,type=select,bucket=actions=output:11,bucket=actions=output:12
    flows:
      - priority=108,in_port=1,dl_dst=00:15:17:15:5d:20,ip,nw_dst=10.0.0.0/8 actions=group:1

- name: The same on a switch that this machine reaches by OpenFlow
  openflow_flows:
    connection: openflow
    address: tcp:192.0.2.7:6653
    cookie: "0x5eed000000000001"
    flows: "{{ plan.switches[inventory_hostname].flows }}"
  delegate_to: localhost

- name: The same on an appliance that has SSH and no Python
  openflow_flows:
    connection: ssh
    ssh_host: 192.0.2.8
    ssh_user: admin
    ssh_key_file: ~/.ssh/switch
    bridge: br0
    cookie: "0x5eed000000000001"
    flows: "{{ plan.switches[inventory_hostname].flows }}"
  delegate_to: localhost

- name: Remove all flows of the owner
  openflow_flows:
    bridge: br-flow
    cookie: "0x5eed000000000001"
    state: absent
"""

RETURN = r"""
changes:
  description: One line for each group and flow that was, or in check mode would be, added, changed or removed.
  returned: success
  type: list
  elements: str
  sample: ["add flow table=0,priority=100,in_port=11,dl_src=00:15:17:15:5d:20 actions=output:1"]
flows_added:
  description: How many flows are new.
  returned: success
  type: int
  sample: 1
flows_changed:
  description: How many flows got other actions or timeouts.
  returned: success
  type: int
  sample: 0
flows_removed:
  description: How many flows went.
  returned: success
  type: int
  sample: 0
left:
  description: How many flows and groups of the owner stay that are not declared; 0 with O(purge).
  returned: success
  type: int
  sample: 0
destinations:
  description: The destinations, as V(nw_dst) has them, of IP packets that the changes may meet.
  returned: success
  type: list
  elements: str
  sample: [10.0.0.0/8]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import MAX_COOKIE, declared_flows, declared_groups
from ansible.module_utils.flowstream.flows.values import number
from ansible.module_utils.flowstream.openflow.connection import (
    SWITCH_ARGUMENTS,
    SWITCH_REQUIRED_IF,
    switch_connection,
)
from ansible.module_utils.flowstream.openflow.converge import converge_flows, owned_by, permanent_file


def kept_file(params: dict, cookie: int) -> Path | None:
    """Where the flows are to be kept on the managed host as well, None for nowhere."""
    if not params["permanent"]:
        return None
    if params["connection"] != "local":
        raise FlowstreamError(f"permanent is true, got connection {params['connection']}; leave it to the appliance")
    return permanent_file(params["bridge"], cookie)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "cookie": {"type": "str", "required": True},
            "flows": {"type": "list", "elements": "raw", "default": []},
            "groups": {"type": "list", "elements": "raw", "default": []},
            "optional": {"type": "list", "elements": "raw", "default": []},
            "purge": {"type": "bool", "default": True},
            "permanent": {"type": "bool", "default": False},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **SWITCH_ARGUMENTS,
        },
        required_if=SWITCH_REQUIRED_IF,
        supports_check_mode=True,
    )
    params = module.params
    present = params["state"] == "present"
    try:
        cookie = number(params["cookie"], "cookie", MAX_COOKIE)
        kept = kept_file(params, cookie)
        flows = declared_flows(params["flows"]) if present else []
        groups = declared_groups(params["groups"]) if present else []
        want = owned_by(cookie, flows, groups)
        optional = owned_by(cookie, declared_flows(params["optional"]) if present else [], groups)
        with switch_connection(params) as (run, switch):
            purge = params["purge"] or not present
            result = converge_flows(
                run,
                switch,
                cookie,
                want,
                purge=purge,
                check_mode=module.check_mode,
                permanent=kept,
                optional=optional,
            )
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result if module._diff else {**result, "diff": []})


if __name__ == "__main__":
    main()
