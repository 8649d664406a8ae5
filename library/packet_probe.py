#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_probe
short_description: Send marked packets at one endpoint and see at which endpoints they come out
version_added: "0.1.0"
description:
  - Sends frames of M(packet_trace) from an interface outside of the platform, and listens meanwhile at interfaces of this machine for
    them. ICMP errors about them and echo replies are not counted.
options:
  frames:
    description: The frames, hexadecimal. They get the Ethernet address of the interface that sends them.
    type: list
    elements: str
    required: true
  sender:
    description: The name of the endpoint that sends, one of O(endpoints).
    type: str
    required: true
  endpoints:
    description: The endpoints of this machine, each with C(name), C(interface), and C(namespace) where it is in a network namespace.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      interface:
        description: The interface there.
        type: str
        required: true
      namespace:
        description: The network namespace, empty for the machine's own.
        type: str
        default: ""
  count:
    description: How often each frame is sent.
    type: int
    default: 5
  seconds:
    description: How long to listen after the last one.
    type: float
    default: 2
notes:
  - Changes nothing. In check mode nothing is sent.
requirements:
  - root on the endpoints' machine
seealso:
  - module: packet_trace
  - module: traffic_probe
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Send what was traced
  packet_probe:
    frames: ["{{ traced.frame }}"]
    sender: ep0
    endpoints:
      - {name: ep0, namespace: fs0-ep0, interface: eth0}
      - {name: ep1, namespace: fs0-ep1, interface: eth0}
  register: probed
"""

RETURN = r"""
captured:
  description: How many of each frame came out, by endpoint, in the order of O(frames).
  returned: success
  type: dict
  sample: {ep0: [0], ep1: [5]}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.trace.observe import Place, send_and_capture

ENDPOINT_OPTIONS = {
    "name": {"type": "str", "required": True},
    "interface": {"type": "str", "required": True},
    "namespace": {"type": "str", "default": ""},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "frames": {"type": "list", "elements": "str", "required": True},
            "sender": {"type": "str", "required": True},
            "endpoints": {"type": "list", "elements": "dict", "required": True, "options": ENDPOINT_OPTIONS},
            "count": {"type": "int", "default": 5},
            "seconds": {"type": "float", "default": 2},
        },
        supports_check_mode=True,
    )
    params = module.params
    places = [Place(**endpoint) for endpoint in params["endpoints"]]
    if params["sender"] not in [place.name for place in places]:
        module.fail_json(msg=f"sender is none of endpoints, got {params['sender']}; write one of them")
    if module.check_mode:
        module.exit_json(changed=False, captured={})
    try:
        frames = [bytes.fromhex(frame) for frame in params["frames"]]
        captured = send_and_capture(params["sender"], places, frames, params["count"], params["seconds"])
    except ValueError:
        module.fail_json(msg="frames are not hexadecimal; take them from packet_trace")
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, captured=captured)


if __name__ == "__main__":
    main()
