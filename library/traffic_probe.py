#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: traffic_probe
short_description: Send numbered packets from one traffic endpoint and count those that arrive there
version_added: "0.1.0"
description:
  - Sends the streams of this endpoint at a steady rate and, all the while, counts the probes of the same run that arrive
    from any endpoint. For each stream it reports packets, duplicates, remaining hops (TTL), wrong checksums and the
    Ethernet source that they came from.
  - Run it on all endpoints at once and in the background, with the same O(run); sums over all of them tell what was
    lost. O(gate) is how they and their caller agree that nobody sends before all listen, and that all listen until
    nobody sends.
  - Asks beforehand who has some addresses, if told.
  - Sends only packets of its own, from O(interface), for a bounded time.
options:
  interface:
    description: The interface to send from and listen on.
    type: str
    required: true
  namespace:
    description: The network namespace that it is in; empty for the machine's own.
    type: str
    default: ""
  run:
    description: A number that tells the packets of this run from those of any other.
    type: int
    required: true
  gate:
    description:
      - A file for one word and the number of the run. V(ready RUN) is written to it when this endpoint listens, and
        V(sent RUN) when it has sent its last packet.
      - The caller writes V(send RUN) when all are ready, V(stop RUN) if it wants to end before all is sent, and removes
        the file when all have sent.
    type: path
    required: true
  duration:
    description: Seconds to send for at most.
    type: float
    default: 600
  patience:
    description: Seconds to wait for each word of the caller; then it is an error.
    type: float
    default: 120
  linger:
    description: Seconds to listen after the caller's last word.
    type: float
    default: 0.5
  rate:
    description: Packets per second of all streams of this endpoint together.
    type: int
    default: 500
  streams:
    description: What to send.
    type: list
    elements: dict
    default: []
    suboptions:
      id:
        description: Number of the stream, one of its own in the whole run.
        type: int
        required: true
      source:
        description: Source address.
        type: str
        required: true
      destination:
        description: Destination address.
        type: str
        required: true
      destination_mac:
        description: The Ethernet address to send to, a platform port's.
        type: str
        required: true
      count:
        description: How many packets.
        type: int
        required: true
      size:
        description: Length of each frame in bytes; one of IPv6 has 82 at least.
        type: int
        default: 64
      ttl:
        description: Hops that each packet may go.
        type: int
        default: 64
      vlan:
        description: The VLAN of a tag that each packet has, from 1 to 4094. Without it none has a tag.
        type: int
  neighbours:
    description: Addresses to ask for before sending, those of IPv4 by ARP, those of IPv6 by neighbour discovery.
    type: list
    elements: str
    default: []
  arp_source:
    description: The address to ask from by ARP. Neighbour discovery asks from the link-local address of O(interface).
    type: str
    default: 0.0.0.0
  neighbours_timeout:
    description: Seconds to wait for the answers.
    type: float
    default: 5
notes:
  - Changes nothing. In check mode nothing is sent.
requirements:
  - root on the endpoint
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Begin to listen
  traffic_probe:
    namespace: fs0-ep0
    interface: eth0
    run: 4711
    gate: /run/flowstream-probe
    streams:
      - id: 1
        source: 192.168.5.1
        destination: 192.168.6.1
        destination_mac: 00:15:17:15:5d:20
        count: 1000
  async: 600
  poll: 0
  register: probe

- name: Wait until it listens
  ansible.builtin.wait_for:
    path: /run/flowstream-probe
    search_regex: ^ready 4711$

- name: Let it send
  ansible.builtin.copy:
    content: "send 4711\n"
    dest: /run/flowstream-probe
    mode: "0644"

- name: Wait until it has
  ansible.builtin.wait_for:
    path: /run/flowstream-probe
    search_regex: ^sent 4711$

- name: Let it end
  ansible.builtin.file:
    path: /run/flowstream-probe
    state: absent

- name: Read what came
  ansible.builtin.async_status:
    jid: "{{ probe.ansible_job_id }}"
  register: result
  until: result.finished
"""

RETURN = r"""
sent:
  description: Packets sent, by stream.
  returned: success
  type: dict
  sample: {"1": 1000}
received:
  description: What arrived here, by stream; C(first) is the number, from 0, of the first packet that came.
  returned: success
  type: dict
  sample: {"7": {"packets": 1000, "first": 0, "duplicates": 0, "ttls": {"63": 1000}, "bad_checksums": 0,
                 "source_macs": {"00:15:17:15:5d:21": 1000}}}
neighbours:
  description: The MAC that answered for each address of O(neighbours), or null.
  returned: success
  type: dict
  sample: {"192.168.5.254": "00:15:17:15:5d:20", "2001:db8:5::fe": "00:15:17:15:5d:20"}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.addresses import address_text, parse_address, parse_address_text
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.traffic.frames import Stream
from ansible.module_utils.flowstream.traffic.observe import Endpoint, Gate, Schedule

NO_ADDRESS = address_text(0)
STREAM_OPTIONS = {
    "id": {"type": "int", "required": True},
    "source": {"type": "str", "required": True},
    "destination": {"type": "str", "required": True},
    "destination_mac": {"type": "str", "required": True},
    "count": {"type": "int", "required": True},
    "size": {"type": "int", "default": 64},
    "ttl": {"type": "int", "default": 64},
    "vlan": {"type": "int"},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "interface": {"type": "str", "required": True},
            "namespace": {"type": "str", "default": ""},
            "run": {"type": "int", "required": True},
            "gate": {"type": "path", "required": True},
            "duration": {"type": "float", "default": 600},
            "patience": {"type": "float", "default": 120},
            "linger": {"type": "float", "default": 0.5},
            "rate": {"type": "int", "default": 500},
            "streams": {"type": "list", "elements": "dict", "default": [], "options": STREAM_OPTIONS},
            "neighbours": {"type": "list", "elements": "str", "default": []},
            "arp_source": {"type": "str", "default": NO_ADDRESS},
            "neighbours_timeout": {"type": "float", "default": 5},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        streams = [Stream.from_dict(stream) for stream in params["streams"]]
        targets = [_address(text) for text in params["neighbours"]]
        source = parse_address("arp_source", params["arp_source"])
        schedule = Schedule(params["rate"], params["duration"], params["patience"], params["linger"])
        gate = Gate(Path(params["gate"]), params["run"])
        if module.check_mode:
            module.exit_json(changed=False, sent={}, received={}, neighbours={})
        with Endpoint(params["interface"], params["namespace"], params["run"]) as endpoint:
            answers = endpoint.ask(source, targets, params["neighbours_timeout"])
            sent = endpoint.exchange(streams, schedule, gate)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(
        changed=False,
        sent={str(stream): count for stream, count in sorted(sent.items())},
        received={str(stream): here.to_dict() for stream, here in sorted(endpoint.arrivals.items())},
        neighbours={target: answers.get(target) for target in targets},
    )


def _address(text: str) -> str:
    return address_text(*parse_address_text("neighbours", text))


if __name__ == "__main__":
    main()
