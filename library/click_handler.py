#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_handler
short_description: Read or write handlers of a running Click
version_added: "0.1.0"
description:
  - Reads any handlers, or writes one, through Click's ControlSocket or the XenStore of a ClickOS domain.
  - A write happens each time, unless O(read_back) names a handler that already holds the value.
  - Use it for counters, tables and switches of elements; use M(click_config) to replace the configuration.
options:
  read:
    description:
      - Handlers to read, as C(element.handler), or the bare name of a global handler such as V(config) or V(list).
    type: list
    elements: str
  write:
    description: Handler to write.
    type: str
  value:
    description: What to write.
    type: str
    default: ""
  read_back:
    description: Handler that shows the value; when it already does, nothing is written. Trailing newlines do not count.
    type: str
extends_documentation_fragment:
  - click_connection
  - click_connection.clickos
notes:
  - Supports check mode, in which a handler that cannot be written is still an error, and C(--diff).
seealso:
  - module: click_config
  - module: click_process
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read two counters
  click_handler:
    socket: /run/flowstream/pm/felipeiprouter-pm0.sock
    read: [in0.count, no_route.count]
  register: counters

- name: Show one of them
  ansible.builtin.debug:
    msg: "{{ counters.values['in0.count'] }}"

- name: Reset a counter
  click_handler:
    socket: /run/flowstream/pm/felipeiprouter-pm0.sock
    write: in0.reset_counts

- name: Read the same of a ClickOS domain
  click_handler:
    domain: felipeiprouter-pm0
    read: [in0.count]

- name: Make a queue longer, unless it is that long
  click_handler:
    socket: 192.0.2.7:7777
    write: queue.capacity
    value: "2000"
    read_back: queue.capacity
"""

RETURN = r"""
values:
  description: What each handler of O(read) holds.
  returned: when O(read) is given
  type: dict
  sample: {in0.count: "42"}
value:
  description: What O(read_back) holds after the write, or would; empty without O(read_back).
  returned: when O(write) is given
  type: str
  sample: "2000"
messages:
  description: What Click said to a write that succeeded with a warning.
  returned: when O(write) is given
  type: list
  elements: str
  sample: []
changes:
  description: One line for each handler that was, or in check mode would be, written.
  returned: success
  type: list
  elements: str
  sample: [write queue.capacity 2000]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.connection import CLICK_ARGUMENTS, ONE_CONNECTION, connect
from ansible.module_utils.flowstream.control.socket import read_handlers, write_handler
from ansible.module_utils.flowstream.errors import FlowstreamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **CLICK_ARGUMENTS,
            "read": {"type": "list", "elements": "str"},
            "write": {"type": "str"},
            "value": {"type": "str", "default": ""},
            "read_back": {"type": "str"},
        },
        required_one_of=[("read", "write"), ONE_CONNECTION],
        mutually_exclusive=[("read", "write"), ("read", "read_back"), ONE_CONNECTION],
        supports_check_mode=True,
    )
    params = module.params
    try:
        with connect(params) as control:
            if params["read"] is not None:
                values = read_handlers(control, params["read"])
                result: dict[str, object] = {"changed": False, "changes": [], "values": values}
            else:
                result = write_handler(
                    control, params["write"], params["value"], params["read_back"], module.check_mode
                )
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
