#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: openflow_owners
short_description: Read who has flows on an OpenFlow switch, and for which packets
version_added: "0.2.0"
description:
  - Reads all flows of one switch and returns, for each cookie, the addresses and tags that its flows look for. That is what a
    plan has to know of others, and it is little however many flows there are. Changes nothing.
extends_documentation_fragment:
  - switch_connection
notes:
  - Supports check mode, in which a bridge that is not there yet, or a host without Open vSwitch, counts as one without flows.
seealso:
  - module: allocation_plan
  - module: openflow_stats
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what is in use
  openflow_owners:
    bridge: br-flow
  register: switch

- name: Show who has flows
  ansible.builtin.debug:
    msg: "{{ switch.owners | map(attribute='cookie') }}"
"""

RETURN = r"""
owners:
  description:
    - What each owner's flows look for, by cookie. C(macs) are Ethernet addresses, C(questions) ARP requests as port, address
      asked for and output, C(tags) VLANs that are told apart without an address, as port and VLAN, C(ports) the ports that they come in by,
      C(entries) how many flows there are by table.
  returned: success
  type: list
  elements: dict
  sample:
    - cookie: "0x5eed000000000001"
      macs: ["00:15:17:15:5d:20"]
      questions: [["1", "192.168.5.254", "output:11"]]
      tags: []
      ports: ["1", "11"]
      entries: {"0": 12}
tables:
  description: How many entries the switch says that each of its tables from C(first) to C(last) holds; empty where it does not say.
  returned: success
  type: list
  elements: dict
  sample: [{first: 0, last: 253, entries: 1000000}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.openflow.connection import (
    SWITCH_ARGUMENTS,
    SWITCH_REQUIRED_IF,
    switch_connection,
)
from ansible.module_utils.flowstream.openflow.observe import observe_owners, observe_table_limits


def main() -> None:
    module = AnsibleModule(argument_spec=SWITCH_ARGUMENTS, required_if=SWITCH_REQUIRED_IF, supports_check_mode=True)
    try:
        with switch_connection(module.params) as (run, switch):
            owners = observe_owners(run, switch, bare=module.check_mode)
            tables = observe_table_limits(run, switch)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, owners=owners, tables=tables)


if __name__ == "__main__":
    main()
