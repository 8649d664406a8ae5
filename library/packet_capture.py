#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_capture
short_description: Capture packets at ports of bridges of this machine, all at once
version_added: "0.2.0"
description:
  - Runs tcpdump for each point and returns what it captured. Nothing is written to a disk, and no interface changes its mode. Packets of
    a port that the kernel does not see, such as those of AF_XDP, Open vSwitch mirrors meanwhile.
  - tcpdump ends by itself when its time is over, whatever becomes of the run, and its mirror goes with it.
options:
  points:
    description: Where to look.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the point is called in what is returned.
        type: str
        required: true
      bridge:
        description: A bridge of Open vSwitch.
        type: str
        required: true
      ofport:
        description: An OpenFlow port of it.
        type: int
        required: true
  seconds:
    description: How long to look, up to 600.
    type: int
    default: 10
  packets:
    description: How many packets to capture at each point; the point is done when it has them.
    type: int
    default: 1000
  snaplen:
    description: How many bytes of a packet are kept. All that a point may have is at most 16 MiB.
    type: int
    default: 2048
  pattern:
    description: Which packets are captured, as pcap-filter(7) has it; all of them by default.
    type: str
    default: ""
notes:
  - In check mode the points are looked up, and nothing is captured.
requirements:
  - tcpdump, and setpriv and timeout of Debian
seealso:
  - module: capture_file
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Look at what comes in by the uplink
  packet_capture:
    points: [{name: "uplink:mh1", bridge: br-pm, ofport: 1}]
    seconds: 5
    pattern: icmp
  register: captured
"""

RETURN = r"""
captured:
  description: What was captured at each point, C(data) being a capture file (pcap) in base64.
  returned: success
  type: list
  elements: dict
  sample: [{name: "uplink:mh1", interface: uplink, data: 1MOyoQIABAAAAAAAAAAAAAAABAABAAAA}]
"""

import base64

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.capture.observe import Bounds, capture, devices
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run

POINT_OPTIONS = {
    "name": {"type": "str", "required": True},
    "bridge": {"type": "str", "required": True},
    "ofport": {"type": "int", "required": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "points": {"type": "list", "elements": "dict", "required": True, "options": POINT_OPTIONS},
            "seconds": {"type": "int", "default": 10},
            "packets": {"type": "int", "default": 1000},
            "snaplen": {"type": "int", "default": 2048},
            "pattern": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    params = module.params
    places = [(point["bridge"], point["ofport"]) for point in params["points"]]
    try:
        bounds = Bounds(params["seconds"], params["packets"], params["snaplen"])
        found = devices(local_run(COMMAND_SECONDS), places)
        files = [] if module.check_mode else capture(found, bounds, params["pattern"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    captured = [
        {"name": point["name"], "interface": place.name, "data": base64.b64encode(file).decode()}
        for point, place, file in zip(params["points"], found, files, strict=False)
    ]
    module.exit_json(changed=False, captured=captured)


if __name__ == "__main__":
    main()
