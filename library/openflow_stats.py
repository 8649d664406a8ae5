#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: openflow_stats
short_description: Read the counters of an OpenFlow switch
version_added: "0.1.0"
description:
  - Reads the flows of one switch with their packet and byte counters, the counters of its ports, and the lookups of
    its tables, as structured data. Changes nothing.
  - Use it to show what an allocation carries; use M(openflow_flows) to change flows.
options:
  cookie:
    description: Only the flows of this owner, decimal or V(0x) hexadecimal. Without it, all flows.
    type: str
extends_documentation_fragment:
  - switch_connection
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: openflow_flows
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what one allocation's flows have carried
  openflow_stats:
    bridge: br-flow
    cookie: "0x5eed000000000001"
  register: counters

- name: Show it
  ansible.builtin.debug:
    msg: "{{ counters.packets }} packets in {{ counters.flows | length }} flows"
"""

RETURN = r"""
flows:
  description: The flows, sorted by table, priority and match, with their counters; C(duration) is the age in seconds.
  returned: success
  type: list
  elements: dict
  sample:
    - table: 0
      priority: 100
      match: {in_port: "11", dl_src: "00:15:17:15:5d:20"}
      match_text: in_port=11,dl_src=00:15:17:15:5d:20
      actions: ["output:1"]
      cookie: "0x5eed000000000001"
      packets: 10
      bytes: 980
      duration: 12.5
packets:
  description: Sum of the packets of RV(flows).
  returned: success
  type: int
  sample: 10
bytes:
  description: Sum of the bytes of RV(flows).
  returned: success
  type: int
  sample: 980
ports:
  description: The ports in the order of their OpenFlow numbers (or V(LOCAL), last), whether each is C(up), and what it has counted.
  returned: success
  type: list
  elements: dict
  sample:
    - port: "1"
      name: ep0
      up: true
      rx_packets: 10
      rx_bytes: 980
      rx_dropped: 0
      rx_errors: 0
      tx_packets: 10
      tx_bytes: 980
      tx_dropped: 0
      tx_errors: 0
tables:
  description: The tables that hold flows or saw packets; C(lookups) minus C(matched) is what no flow wanted.
  returned: success
  type: list
  elements: dict
  sample:
    - {table: 0, active: 1, lookups: 12, matched: 10}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.flow import MAX_COOKIE
from ansible.module_utils.flowstream.flows.values import number
from ansible.module_utils.flowstream.openflow.connection import (
    SWITCH_ARGUMENTS,
    SWITCH_REQUIRED_IF,
    switch_connection,
)
from ansible.module_utils.flowstream.openflow.observe import observe_counters


def main() -> None:
    module = AnsibleModule(
        argument_spec={"cookie": {"type": "str"}, **SWITCH_ARGUMENTS},
        required_if=SWITCH_REQUIRED_IF,
        supports_check_mode=True,
    )
    try:
        text = module.params["cookie"]
        cookie = None if text is None else number(text, "cookie", MAX_COOKIE)
        with switch_connection(module.params) as (run, switch):
            result = observe_counters(run, switch, cookie)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
