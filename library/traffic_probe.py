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
  - Run it on all endpoints at once, with the same O(run) and O(start_at); sums over all of them tell what was lost.
  - Asks for addresses by ARP beforehand, if told.
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
  start_at:
    description: When to begin to send, in seconds since the Unix epoch. Listening begins at once.
    type: float
    required: true
  duration:
    description: Seconds from O(start_at) that the longest sender needs.
    type: float
    required: true
  linger:
    description: Seconds to listen after that.
    type: float
    default: 1.0
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
        description: Length of each frame in bytes.
        type: int
        default: 64
      ttl:
        description: Hops that each packet may go.
        type: int
        default: 64
  arp:
    description: Addresses to ask for by ARP before sending.
    type: list
    elements: str
    default: []
  arp_source:
    description: The address to ask from.
    type: str
    default: 0.0.0.0
notes:
  - Changes nothing. In check mode nothing is sent.
requirements:
  - root on the endpoint
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Send 1,000 packets through the platform, and count what comes
  traffic_probe:
    namespace: fs0-ep0
    interface: eth0
    run: 4711
    start_at: "{{ now().timestamp() + 3 }}"
    duration: 2
    streams:
      - id: 1
        source: 192.168.5.1
        destination: 192.168.6.1
        destination_mac: 00:15:17:15:5d:20
        count: 1000
"""

RETURN = r"""
sent:
  description: Packets sent, by stream.
  returned: success
  type: dict
  sample: {"1": 1000}
received:
  description: What arrived here, by stream.
  returned: success
  type: dict
  sample: {"7": {"packets": 1000, "duplicates": 0, "ttls": {"63": 1000}, "bad_checksums": 0,
                 "source_macs": {"00:15:17:15:5d:21": 1000}}}
arp:
  description: The MAC that answered for each address of O(arp), or null.
  returned: success
  type: dict
  sample: {"192.168.5.254": "00:15:17:15:5d:20"}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.addresses import address_text, parse_address
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.observe_traffic import Endpoint, Schedule
from ansible.module_utils.flowstream.probe import Stream

NO_ADDRESS = address_text(0)
STREAM_OPTIONS = {
    "id": {"type": "int", "required": True},
    "source": {"type": "str", "required": True},
    "destination": {"type": "str", "required": True},
    "destination_mac": {"type": "str", "required": True},
    "count": {"type": "int", "required": True},
    "size": {"type": "int", "default": 64},
    "ttl": {"type": "int", "default": 64},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "interface": {"type": "str", "required": True},
            "namespace": {"type": "str", "default": ""},
            "run": {"type": "int", "required": True},
            "start_at": {"type": "float", "required": True},
            "duration": {"type": "float", "required": True},
            "linger": {"type": "float", "default": 1.0},
            "rate": {"type": "int", "default": 500},
            "streams": {"type": "list", "elements": "dict", "default": [], "options": STREAM_OPTIONS},
            "arp": {"type": "list", "elements": "str", "default": []},
            "arp_source": {"type": "str", "default": NO_ADDRESS},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        streams = [Stream.from_dict(stream) for stream in params["streams"]]
        targets = [parse_address("arp", address) for address in params["arp"]]
        source = parse_address("arp_source", params["arp_source"])
        schedule = Schedule(params["start_at"], params["duration"], params["linger"], params["rate"])
        if module.check_mode:
            module.exit_json(changed=False, sent={}, received={}, arp={})
        with Endpoint(params["interface"], params["namespace"], params["run"]) as endpoint:
            answers = endpoint.ask(source, targets, schedule.start_at)
            sent = endpoint.exchange(streams, schedule)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(
        changed=False,
        sent={str(stream): count for stream, count in sorted(sent.items())},
        received={str(stream): here.to_dict() for stream, here in sorted(endpoint.arrivals.items())},
        arp={address_text(target): answers.get(target) for target in targets},
    )


if __name__ == "__main__":
    main()
