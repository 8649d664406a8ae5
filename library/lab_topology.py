#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lab_topology
short_description: The machines, endpoints and links of an embedded lab
description:
  - Makes a whole lab on this machine what it is declared to be, whatever is there of it, and nothing else.
  - A machine is a booted Debian (C(systemd-nspawn) on an overlay of an image) with its own network namespace, control
    groups, identity and SSH host key. An endpoint is a network namespace. A link is a veth pair between two of them.
  - Every name begins with the prefix, so that labs do not meet, and so that a lab whose records are lost is found.
  - A Xen host is a machine that QEMU runs; it goes on from the state in which its image was saved.
  - A machine that was killed is started again; its links stay, as cables do. Its processes are known by their control
    group and never by a recorded process id.
options:
  prefix:
    description: C(fs) and the number of the lab; every name in the lab begins with it.
    type: str
    required: true
  directory:
    description: Folder of all that the lab keeps; removed with the lab.
    type: path
    required: true
  image:
    description: Root file system that machines start from, see M(lab_image). A machine whose image changes is remade.
    type: path
  xen_image:
    description: Image of the Xen hosts, see M(lab_xen_image), which QEMU runs. A machine whose image changes is remade.
    type: path
  management_address:
    description: Address, with prefix length, of this machine on the management network.
    type: str
    required: true
  machines:
    description: The machines.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the node, and its host name.
        type: str
        required: true
      address:
        description: Its address on the management network.
        type: str
        required: true
      power:
        description: Whether it runs.
        type: bool
        default: true
      kind:
        description: A container on O(image), or a Xen host on O(xen_image), whose one interface for links is C(uplink).
        type: str
        choices: [container, xen_host]
        default: container
  endpoints:
    description: The endpoints.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the node.
        type: str
        required: true
      interfaces:
        description: What to give to the interfaces that its links make.
        type: list
        elements: dict
        default: []
        suboptions:
          name:
            description: Name of the interface.
            type: str
            required: true
          mac:
            description: Its MAC address; without it, one that is derived from the names.
            type: str
          addresses:
            description: Its IP addresses with prefix lengths.
            type: list
            elements: str
            default: []
      routes:
        description: All its routes but those that its addresses bring.
        type: list
        elements: dict
        default: []
        suboptions:
          to:
            description: Prefix, or C(default).
            type: str
            required: true
          via:
            description: Address of the next hop.
            type: str
            required: true
          source:
            description: Source address of packets that this endpoint sends that way.
            type: str
      neighbours:
        description: All its permanent ARP entries.
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description: IP address.
            type: str
            required: true
          mac:
            description: MAC address.
            type: str
            required: true
          interface:
            description: Interface by which it is reached.
            type: str
            required: true
  links:
    description: The links.
    type: list
    elements: dict
    default: []
    suboptions:
      ends:
        description: Two ends, each C(node:interface); one where O(links[].vxlan) leads to the other.
        type: list
        elements: str
        required: true
      mtu:
        description: Largest IP packet in bytes.
        type: int
        default: 1500
      delay_ms:
        description: Milliseconds that a frame is on its way, in either direction, up to 10,000.
        type: float
        default: 0
      loss_percent:
        description: Share of frames that are lost, in either direction.
        type: float
        default: 0
      duplicate_percent:
        description: Share of frames that arrive twice, in either direction.
        type: float
        default: 0
      rate_mbps:
        description: What the link carries in either direction; a thousand frames wait, others are lost. 0 is as fast as it can.
        type: float
        default: 0
      vxlan:
        description:
          - The way to the other end of the link, which is in another lab, of another machine as a rule. That lab declares the same with the
            addresses the other way round.
          - An outer packet is 50 bytes longer than the frame's IP packet, with IPv6 70; what the network between the machines does not
            carry, it is sent in pieces of. Make O(links[].mtu) smaller on both sides where that is too slow.
        type: dict
        suboptions:
          vni:
            description: The number of the network, 1..16777215, the same at both ends.
            type: int
            required: true
          remote:
            description: IP address of the machine with the other lab.
            type: str
            required: true
          local:
            description: IP address of this machine that frames are sent from; without it, as its routes have it.
            type: str
          port:
            description: UDP port, the same at both ends.
            type: int
            default: 4789
          underlay:
            description: Network namespace of this machine with the way to the other one; without it, the machine's own.
            type: str
  click:
    description: Program of the engine, which links that delay, lose, double or slow down frames need in their middle.
    type: path
  timeout:
    description: Seconds until sshd of every machine has to answer.
    type: int
    default: 60
  state:
    description: C(absent) removes everything that carries the prefix, whatever is declared.
    type: str
    choices: [present, absent]
    default: present
author:
  - Flowstream
requirements:
  - root
  - systemd-nspawn, ip, ethtool, ssh-keygen
attributes:
  check_mode:
    support: full
    description: Lists the changes that a run would make.
  diff_mode:
    support: full
    description: Shows the changes, one line each.
"""

EXAMPLES = r"""
- name: Make a lab of one machine and one endpoint
  lab_topology:
    prefix: fs7
    directory: /run/flowstream/lab7
    image: "{{ image.path }}"
    management_address: 198.18.7.254/24
    machines:
      - name: sw1
        address: 198.18.7.10
    endpoints:
      - name: ep0
        interfaces:
          - name: eth0
            addresses: [192.168.5.1/24]
        routes:
          - to: default
            via: 192.168.5.254
    links:
      - ends: [sw1:p1, ep0:eth0]
        delay_ms: 20
        loss_percent: 0.5
      - ends: [sw1:x1]
        vxlan: {vni: 42, remote: 203.0.113.2}
    click: clickos/build/click

- name: Remove it
  lab_topology:
    prefix: fs7
    directory: /run/flowstream/lab7
    management_address: 198.18.7.254/24
    state: absent
"""

RETURN = r"""
changes:
  description: What was done, or would be, in its order.
  returned: success
  type: list
  elements: str
  sample: [add namespace fs7-ep0, "connect fs7-sw1:p1 to fs7-ep0:eth0", start machine sw1]
machines:
  description: How to reach each machine.
  returned: success
  type: list
  elements: dict
  sample: [{name: sw1, namespace: fs7-sw1, address: 198.18.7.10}]
key:
  description: Private SSH key that every machine lets in as root.
  returned: success
  type: str
  sample: /run/flowstream/lab7/id_ed25519
known_hosts:
  description: File with the machines' host keys.
  returned: success
  type: str
  sample: /run/flowstream/lab7/known_hosts
console:
  description: The last lines of the console of a machine that did not start.
  returned: when a machine does not start
  type: list
  elements: str
  sample: ["[FAILED] Failed to start ssh.service"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.lab.converge import Lab
from ansible.module_utils.flowstream.lab.topology import parse_topology
from ansible.module_utils.flowstream.lab.tunnel import PORT
from ansible.module_utils.flowstream.lab.wire import MOST
from ansible.module_utils.flowstream.world.run import local_run

COMMAND_SECONDS = 60

ROUTE = {"to": {"type": "str", "required": True}, "via": {"type": "str", "required": True}, "source": {"type": "str"}}
NEIGHBOUR = {name: {"type": "str", "required": True} for name in ("address", "mac", "interface")}
INTERFACE = {
    "name": {"type": "str", "required": True},
    "mac": {"type": "str"},
    "addresses": {"type": "list", "elements": "str", "default": []},
}
MACHINE = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "power": {"type": "bool", "default": True},
    "kind": {"type": "str", "choices": ["container", "xen_host"], "default": "container"},
}
ENDPOINT = {
    "name": {"type": "str", "required": True},
    "interfaces": {"type": "list", "elements": "dict", "default": [], "options": INTERFACE},
    "routes": {"type": "list", "elements": "dict", "default": [], "options": ROUTE},
    "neighbours": {"type": "list", "elements": "dict", "default": [], "options": NEIGHBOUR},
}
VXLAN = {
    "vni": {"type": "int", "required": True},
    "remote": {"type": "str", "required": True},
    "local": {"type": "str"},
    "port": {"type": "int", "default": PORT},
    "underlay": {"type": "str"},
}
LINK = {
    "ends": {"type": "list", "elements": "str", "required": True},
    "mtu": {"type": "int", "default": 1500},
    **{name: {"type": "float", "default": 0} for name in MOST},
    "vxlan": {"type": "dict", "options": VXLAN},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "prefix": {"type": "str", "required": True},
            "directory": {"type": "path", "required": True},
            "image": {"type": "path"},
            "xen_image": {"type": "path"},
            "management_address": {"type": "str", "required": True},
            "machines": {"type": "list", "elements": "dict", "default": [], "options": MACHINE},
            "endpoints": {"type": "list", "elements": "dict", "default": [], "options": ENDPOINT},
            "links": {"type": "list", "elements": "dict", "default": [], "options": LINK},
            "click": {"type": "path"},
            "timeout": {"type": "int", "default": 60},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    present = module.params["state"] == "present"
    # What goes, goes by its prefix: an error in what is declared must not keep it.
    declared = module.params if present else {**module.params, "machines": [], "endpoints": [], "links": []}
    try:
        want = parse_topology(declared)
        lab = Lab(want, local_run(COMMAND_SECONDS))
        with lab.alone():
            changes = lab.changes() if present else lab.removal()
            if not module.check_mode:
                lab.build(changes) if present else lab.remove(changes)
        if present and not module.check_mode:
            lab.wait(module.params["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    texts = [str(change) for change in changes]
    module.exit_json(
        changed=bool(changes),
        changes=texts,
        machines=[{"name": m.name, "namespace": m.namespace, "address": m.address} for m in want.machines],
        key=str(want.key),
        known_hosts=str(want.known_hosts),
        diff={"before": "", "after": "".join(f"{text}\n" for text in texts)},
    )


if __name__ == "__main__":
    main()
