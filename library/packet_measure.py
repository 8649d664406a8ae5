#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: packet_measure
short_description: Send packets at a rate, or look for the highest, and say how many came and how long they took
version_added: "0.1.0"
description:
  - Sends UDP packets from O(source) to a platform port and counts them at O(sink), with an engine at each. Packets are marked, so that
    no others count, and some of them are timed at both ends, so that both have to be interfaces of this machine.
  - With O(rate), tries that. Without, looks for the highest rate at which no more are lost than may be, as RFC 2544 has it (26.1), and
    times the packets of one more trial at it (26.2).
  - Addresses are those that RFC 2544 is given. Sources are in 198.18.0.0/16 and destinations in 198.19.0.0/16, of which each of
    O(modules) has a block of the same size.
options:
  click:
    description: The engine.
    type: path
    required: true
  source:
    description: The interface that packets leave.
    type: dict
    required: true
    suboptions:
      interface:
        description: Its name.
        type: str
        required: true
      namespace:
        description: The network namespace that it is in; empty for the machine's own.
        type: str
        default: ""
  sink:
    description: The interface that they come to.
    type: dict
    required: true
    suboptions:
      interface:
        description: Its name.
        type: str
        required: true
      namespace:
        description: The network namespace that it is in; empty for the machine's own.
        type: str
        default: ""
  mac:
    description: The Ethernet address that they are sent to, a platform port's.
    type: str
    required: true
  size:
    description: Bytes of a frame with its check sequence.
    type: int
    default: 64
  flows:
    description: How many flows the packets belong to.
    type: int
    default: 1
  modules:
    description: How many processing modules share them.
    type: int
    default: 1
  rate:
    description: Packets a second; 0 sends none for as long as a trial takes.
    type: int
  trial:
    description: How a rate is tried.
    type: dict
    default: {}
    suboptions:
      milliseconds:
        description: How long packets are sent.
        type: int
        default: 1000
      settle:
        description: How many milliseconds late ones are waited for.
        type: int
        default: 500
      tries:
        description: How often a rate may be tried before it counts as too high.
        type: int
        default: 1
      samples:
        description: About how many packets are timed.
        type: int
        default: 1000
  search:
    description: Where the highest rate is looked for.
    type: dict
    default: {}
    suboptions:
      least:
        description: The rate below which nobody looks.
        type: int
        default: 100
      most:
        description: The rate above which nobody looks.
        type: int
        default: 100000
      resolution:
        description: How close to the limit the answer is, in percent.
        type: int
        default: 5
      loss:
        description: How many of a million packets may be lost.
        type: int
        default: 0
notes:
  - Changes nothing. In check mode nothing is sent.
requirements:
  - root
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Send 2,000 packets a second for half a second
  packet_measure:
    click: clickos/build/click
    source: {interface: eth0, namespace: fs0-ep0}
    sink: {interface: eth0, namespace: fs0-ep1}
    mac: 02:00:5e:00:53:00
    rate: 2000
    trial: {milliseconds: 500}
  register: measured

- name: Look for the highest rate
  packet_measure:
    click: clickos/build/click
    source: {interface: eth0, namespace: fs0-ep0}
    sink: {interface: eth0, namespace: fs0-ep1}
    mac: 02:00:5e:00:53:00
    search: {most: 50000, resolution: 10}
"""

RETURN = r"""
measured:
  description:
    - The C(trials) in their order. C(latency) is that of the last one, in microseconds, and null where nothing was timed.
    - C(throughput) is the highest rate, null where none was looked for, and 0 where not even the least could be had; C(limit) says what
      it was limited by, C(loss), the C(generator), or the C(search), which went no higher.
  returned: success
  type: dict
  sample:
    trials: [{rate: 2000, achieved: 2000.1, sent: 1000, received: 1000}]
    seconds: 0.5
    latency: {samples: 1000, min: 110.2, mean: 320.9, max: 2210.0, p50: 290.1, p90: 501.2, p99: 890.4, p99.9: 2101.0}
    throughput: null
    limit: ""
"""

import secrets
import tempfile
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.addresses import parse_mac
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.description import Search, Trial
from ansible.module_utils.flowstream.experiments.load import Load
from ansible.module_utils.flowstream.experiments.observe import Bench, Plug, measure

PLUG = {"interface": {"type": "str", "required": True}, "namespace": {"type": "str", "default": ""}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "click": {"type": "path", "required": True},
            "source": {"type": "dict", "required": True, "options": PLUG},
            "sink": {"type": "dict", "required": True, "options": PLUG},
            "mac": {"type": "str", "required": True},
            "size": {"type": "int", "default": 64},
            "flows": {"type": "int", "default": 1},
            "modules": {"type": "int", "default": 1},
            "rate": {"type": "int"},
            "trial": {
                "type": "dict",
                "default": {},
                "options": {
                    "milliseconds": {"type": "int", "default": 1000},
                    "settle": {"type": "int", "default": 500},
                    "tries": {"type": "int", "default": 1},
                    "samples": {"type": "int", "default": 1000},
                },
            },
            "search": {
                "type": "dict",
                "default": {},
                "options": {
                    "least": {"type": "int", "default": 100},
                    "most": {"type": "int", "default": 100000},
                    "resolution": {"type": "int", "default": 5},
                    "loss": {"type": "int", "default": 0},
                },
            },
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=False, measured={})
    try:
        mac = bytes.fromhex(parse_mac(params["mac"]).replace(":", ""))
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(
                click=Path(params["click"]),
                source=Plug(**params["source"]),
                sink=Plug(**params["sink"]),
                load=Load(mac, params["size"], params["flows"], params["modules"]),
                trial=Trial(**params["trial"]),
                folder=Path(folder),
                number=secrets.randbits(32),
            )
            measured = measure(bench, params["rate"], Search(**params["search"]))
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, measured=measured)


if __name__ == "__main__":
    main()
