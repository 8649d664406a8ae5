#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_capture
short_description: Capture packets at ports of bridges and at elements of modules of this machine, all at once
version_added: "0.2.0"
description:
  - Runs tcpdump for each point and returns what it captured. Nothing is written to a disk, and no interface changes its mode. Packets of
    a port that the kernel does not see, such as those of AF_XDP, Open vSwitch mirrors meanwhile.
  - tcpdump ends by itself when its time is over, whatever becomes of the run, and its mirror goes with it.
  - At an element of a running Click the module's configuration is replaced by the same with taps, as M(click_config) does it, and replaced
    again when the time is over or the run has ended in whatever way. Packets go on, and elements keep what they hold.
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
      ofport:
        description: An OpenFlow port of it.
        type: int
      module:
        description: A processing module that is a process.
        type: str
      element:
        description: An element of it, for all of its inputs and outputs, or one of these as Click writes it, V([0]rt) or V(rt[1]).
        type: str
      memory_mib:
        description: The memory of the module in MiB, a quarter of which its taps may have.
        type: int
        default: 64
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
    description:
      - Which packets are captured, as pcap-filter(7) has it; all of them by default.
      - At an element it chooses among the first packets that pass there, which are as many as its tap has memory for.
    type: str
    default: ""
  sockets:
    description: The folder of the modules' control sockets.
    type: path
    default: /run/flowstream/pm
notes:
  - In check mode the points are looked up, and nothing is captured.
  - What handlers have changed in elements that hand nothing over to their successor, such as routes of a lookup, is as configured
    after a capture at an element.
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

- name: Look at what a lookup gets, and by which output it goes on
  packet_capture:
    points: [{name: "element:edge-pm0/rt", module: edge-pm0, element: rt}]
    packets: 100
    snaplen: 128
"""

RETURN = r"""
captured:
  description: What was captured at each point, C(data) being a capture file (pcap) in base64. An element has a point for each of its ports,
    named as Click does, and two where both frames and packets without an Ethernet header passed.
  returned: success
  type: list
  elements: dict
  sample: [{name: "uplink:mh1", interface: uplink, data: 1MOyoQIABAAAAAAAAAAAAAAABAABAAAA}]
"""

import base64
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.capture.engine import Asked, find_modules, look, packets_of
from ansible.module_utils.flowstream.capture.observe import Bounds, capture, devices
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run

POINT_OPTIONS = {
    "name": {"type": "str", "required": True},
    "bridge": {"type": "str"},
    "ofport": {"type": "int"},
    "module": {"type": "str"},
    "element": {"type": "str"},
    "memory_mib": {"type": "int", "default": 64},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "points": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": POINT_OPTIONS,
                "required_one_of": [("bridge", "module")],
                "required_together": [("bridge", "ofport"), ("module", "element")],
                "mutually_exclusive": [("bridge", "module")],
            },
            "seconds": {"type": "int", "default": 10},
            "packets": {"type": "int", "default": 1000},
            "snaplen": {"type": "int", "default": 2048},
            "pattern": {"type": "str", "default": ""},
            "sockets": {"type": "path", "default": "/run/flowstream/pm"},
        },
        supports_check_mode=True,
    )
    params = module.params
    outside = [point for point in params["points"] if point["bridge"]]
    inside = [
        Asked(point["name"], point["module"], point["element"], point["memory_mib"])
        for point in params["points"]
        if point["module"]
    ]
    captured: list[dict[str, str]] = []
    try:
        bounds = Bounds(params["seconds"], params["packets"], params["snaplen"])
        places = devices(local_run(COMMAND_SECONDS), [(point["bridge"], point["ofport"]) for point in outside])
        modules = find_modules(Path(params["sockets"]), inside)
        for one in modules:
            packets_of(one, bounds, params["pattern"])
        if not module.check_mode:
            seen, files = look(modules, bounds, params["pattern"], lambda: capture(places, bounds, params["pattern"]))
            captured = [
                _captured(point["name"], place.name, file)
                for point, place, file in zip(outside, places, files, strict=True)
            ]
            captured += [_captured(one.name, one.where, file) for one in seen for file in one.files]
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, captured=captured)


def _captured(name: str, interface: str, file: bytes) -> dict[str, str]:
    return {"name": name, "interface": interface, "data": base64.b64encode(file).decode()}


if __name__ == "__main__":
    main()
