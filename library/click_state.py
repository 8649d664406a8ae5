#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_state
short_description: What a running Click knows of its flows, for another Click to go on with
version_added: "0.1.0"
description:
  - Reads what elements know (mappings of a NAT, connections of a firewall, neighbours) through their handlers C(state) and
    C(state_since), or writes to elements of the same names what was read elsewhere, while packets flow.
  - In rounds, each of which asks for what was used since the one before, the second Click comes to know what the first does. For the
    last round, the frames that come to it can be held back, so that none meets it before it knows the flow.
  - The state says who speaks with whom. Use C(no_log) with tasks that read or write it.
options:
  read:
    description: Handlers to read, such as V(flows.state). One that the Click does not have has nothing.
    type: list
    elements: str
    default: []
  since:
    description: Of these handlers only what was used since then, RV(times) of an earlier round of the same Click.
    type: dict
    default: {}
  state:
    description: What to write, RV(state) of another Click.
    type: str
  gate:
    description: The handler that says whether frames are taken, such as V(from_device.active). Held back, they wait in the ring of the interface.
    type: str
    default: from_device.active
  shut:
    description: Whether frames are to be held back before anything is written.
    type: bool
    default: false
  open:
    description: Whether frames are to be taken, after all is written.
    type: bool
    default: false
extends_documentation_fragment:
  - click_connection
  - click_connection.clickos
notes:
  - Supports check mode, in which nothing is written or held back. What is read, is read in check mode too, so that it can be counted.
seealso:
  - module: click_handler
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what a NAT knows
  click_state:
    socket: /run/flowstream/pm/nat-pm0.sock
    read: [flows.state, pings.state]
  delegate_to: mh1
  register: all_of_it
  no_log: true

- name: Have another know it too
  click_state:
    socket: /run/flowstream/pm/nat-pm0.sock
    state: "{{ all_of_it.state }}"
    shut: true
  delegate_to: mh2
  no_log: true
"""

RETURN = r"""
state:
  description: What was read, to be written elsewhere.
  returned: success
  type: str
  sample: eJyrVkrLyS8...
times:
  description: When it was read, by handler, for the next round.
  returned: success
  type: dict
  sample: {flows.state: "3567595000"}
records:
  description: How many mappings, connections or neighbours were read or written, by handler.
  returned: success
  type: dict
  sample: {flows.state: 10000, pings.state: 1}
bytes:
  description: How many bytes they were.
  returned: success
  type: int
  sample: 1200000
is_shut:
  description: Whether frames were held back before.
  returned: success
  type: bool
  sample: false
changes:
  description: What was, or in check mode would be, done.
  returned: success
  type: list
  elements: str
  sample: [hold frames back, write 10001 records]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.connection import CLICK_ARGUMENTS, ONE_CONNECTION, connect
from ansible.module_utils.flowstream.control.state import Carrying, State, converge_state
from ansible.module_utils.flowstream.errors import FlowstreamError

_ARGUMENTS: dict[str, Any] = {
    **CLICK_ARGUMENTS,
    "read": {"type": "list", "elements": "str", "default": []},
    "since": {"type": "dict", "default": {}},
    "state": {"type": "str"},
    "gate": {"type": "str", "default": "from_device.active"},
    "shut": {"type": "bool", "default": False},
    "open": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec=_ARGUMENTS,
        required_one_of=[ONE_CONNECTION],
        mutually_exclusive=[ONE_CONNECTION],
        supports_check_mode=True,
    )
    params = module.params
    try:
        wanted = Carrying(
            gate=params["gate"],
            shut=params["shut"],
            given=State.unpacked(params["state"]) if params["state"] else State({}, {}),
            open=params["open"],
            read=params["read"],
            since=params["since"],
        )
        with connect(params) as control:
            result = converge_state(control, wanted, check_mode=module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
