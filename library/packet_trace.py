#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_trace
short_description: Follow one packet through a plan, and through what is deployed of it
version_added: "0.1.0"
description:
  - Follows a packet that enters by a platform port through the tables of a plan's bridges and the elements of its processing
    modules, and says at each step which entry or which elements it meets, and why these are there.
  - Bridges are followed by the model that proves plans, modules by the engine itself on this machine, in simulated time and without
    what they have learned before. Who is asked for by ARP answers.
  - With O(before), the packet is followed through the entries that were read from the platform as well; what differs is marked. With
    O(after), the counters of those entries have to say that the probes came by.
options:
  plan_file:
    description: The plan, as M(allocation_plan) wrote it.
    type: path
    required: true
  packet:
    description:
      - The packet in words, V(ip src 192.0.2.1 dst 10.1.2.3 tcp dport 443). C(src) and C(dst) are followed by an address, both of one family,
        and have to be there; C(tcp), C(udp) or C(icmp) says the protocol (UDP without one); C(sport), C(dport), C(ttl), C(dscp)
        and C(vlan), the VLAN in which it comes, are followed by a number. Their order does not matter.
    type: str
    required: true
  port:
    description: The platform port that it enters by.
    type: int
    required: true
  click:
    description: The C(click) program that modules are followed by.
    type: path
    required: true
  before:
    description: What M(openflow_stats) returned as C(flows) of each bridge, by the name of its switch or module host.
    type: dict
    default: {}
  after:
    description: The same after O(probes) such packets were sent.
    type: dict
    default: {}
  probes:
    description: How many were sent; V(0) where nobody sent any.
    type: int
    default: 0
  captured:
    description: How many of them came out at each platform port, by its number.
    type: dict
    default: {}
  down:
    description: The ports of each switch that are down, by its name. A packet goes on as groups lead it past these.
    type: dict
    default: {}
notes:
  - Supports check mode; nothing is ever changed.
  - An entry that rewrites addresses or ports is not followed; bridges of plans give and take VLAN tags alone.
seealso:
  - module: packet_probe
  - module: openflow_stats
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Follow a packet through a plan
  packet_trace:
    plan_file: build/felipeiprouter/plan.json
    packet: ip src 192.168.5.1 dst 10.0.6.9 tcp dport 443
    port: 0
    click: clickos/build/click
  register: traced

- name: Show its way
  ansible.builtin.debug:
    msg: "{{ traced.lines }}"
"""

RETURN = r"""
lines:
  description: The steps for people, one a line; C(!) marks those where the platform is not as planned.
  returned: success
  type: list
  elements: str
  sample: ["  sw1: leaves by platform port 1"]
ways:
  description: The steps as planned of each way that the packet may take, which are several where flows are dealt to modules.
  returned: success
  type: list
  elements: list
  sample: [[{place: sw1, kind: end, what: leaves by platform port 1, why: "", portid: 1}]]
rows:
  description: The steps as planned and as found, side by side, with what the entry has counted of the probes; empty without O(before).
  returned: success
  type: list
  elements: dict
  sample: []
differs:
  description: Whether any step is not as planned.
  returned: success
  type: bool
  sample: false
frame:
  description: The packet as it stands on the wire, hexadecimal, for M(packet_probe).
  returned: success
  type: str
  sample: 00151715...
"""

import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.trace.job import Look, run_trace
from ansible.module_utils.flowstream.trace.packet import TracedPacket
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "plan_file": {"type": "path", "required": True},
            "packet": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "click": {"type": "path", "required": True},
            "before": {"type": "dict", "default": {}},
            "after": {"type": "dict", "default": {}},
            "probes": {"type": "int", "default": 0},
            "captured": {"type": "dict", "default": {}},
            "down": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        plan = Plan.from_json(Path(params["plan_file"]).read_text())
        packet = TracedPacket.parse(params["packet"])
        captured = {int(port): int(count) for port, count in params["captured"].items()}
        down = {name: [int(port) for port in ports if str(port).isdecimal()] for name, ports in params["down"].items()}
        look = Look(params["before"], params["after"], params["probes"], captured, down)
        with tempfile.TemporaryDirectory() as folder:
            click = Path(params["click"])
            result = run_trace(local_run(COMMAND_SECONDS), click, Path(folder), plan, packet, params["port"], look)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    except OSError as error:
        module.fail_json(msg=f"cannot read {params['plan_file']}: {error.strerror}")
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
