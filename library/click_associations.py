#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_associations
short_description: The security associations of a running VPN gateway
version_added: "0.1.0"
description:
  - Tells a Click with elements C(IPsecESPEncap) and C(IPsecESPUnencap) which association to send by and which to receive by,
    through their write handlers, while packets flow.
  - The gateway receives by new associations before it sends by one, and forgets others only where O(exclusive), so that both
    ends can be given new keys without the loss of a packet.
  - An association is known by its SPI, because nothing shows its key. Another key needs another SPI.
options:
  send:
    description: The C(IPsecESPEncap).
    type: str
    default: encrypt
  receive:
    description: The C(IPsecESPUnencap).
    type: str
    default: decrypt
  out:
    description: The association to send by.
    type: dict
    required: true
    suboptions: &association
      spi:
        description: Its security parameters index, 256 to 4294967295, such as V(0x1001).
        type: str
        required: true
      key:
        description:
          - Its key for AES-GCM, 16, 24 or 32 bytes, and behind it the salt of 4 bytes, in hexadecimal. Each association has its
            own.
        type: str
        required: true
  in:
    description: The associations to receive by, at least one; the other gateway may send by any.
    type: list
    elements: dict
    required: true
    suboptions: *association
  exclusive:
    description: Whether those to receive by that are not listed are forgotten.
    type: bool
    default: false
extends_documentation_fragment:
  - click_connection
  - click_connection.clickos
notes:
  - Supports check mode, in which a Click that is not there yet counts as one that has no association, and C(--diff), which
    shows SPIs.
  - A Click that was started again has forgotten its associations, and counts the packets of those that it is given from 1 again,
    which the other gateway takes for replays. Give it new ones.
seealso:
  - module: click_handler
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Give a gateway its first keys
  click_associations:
    socket: /run/flowstream/pm/vpn-pm11.sock
    out: "{{ vpn_secrets.branch.out }}"
    in: "{{ vpn_secrets.branch.in }}"

- name: Forget those of before, when the other gateway sends by the new ones
  click_associations:
    socket: /run/flowstream/pm/vpn-pm11.sock
    out: "{{ vpn_secrets.branch.out }}"
    in: "{{ vpn_secrets.branch.in }}"
    exclusive: true
"""

RETURN = r"""
changes:
  description: One line for each association that was, or in check mode would be, given or forgotten.
  returned: success
  type: list
  elements: str
  sample:
    - receive by association 0x00002002
    - send by association 0x00001002
    - forget association 0x00002001
"""

from contextlib import ExitStack

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.associations import Gateway, converge_associations
from ansible.module_utils.flowstream.control.connection import CLICK_ARGUMENTS, ONE_CONNECTION, connect
from ansible.module_utils.flowstream.control.keys import parse_associations
from ansible.module_utils.flowstream.errors import FlowstreamError

_ASSOCIATION = {"spi": {"type": "str", "required": True}, "key": {"type": "str", "required": True, "no_log": True}}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **CLICK_ARGUMENTS,
            "send": {"type": "str", "default": "encrypt"},
            "receive": {"type": "str", "default": "decrypt"},
            "out": {"type": "dict", "required": True, "options": _ASSOCIATION},
            "in": {"type": "list", "elements": "dict", "required": True, "options": _ASSOCIATION},
            "exclusive": {"type": "bool", "default": False},
        },
        required_one_of=[ONE_CONNECTION],
        mutually_exclusive=[ONE_CONNECTION],
        supports_check_mode=True,
    )
    params = module.params
    try:
        wanted = parse_associations(params)
        with ExitStack() as stack:
            try:
                control = stack.enter_context(connect(params))
            except FlowstreamError:
                if not module.check_mode:
                    raise
                control = None
            result = converge_associations(
                control,
                Gateway(params["send"], params["receive"]),
                wanted,
                exclusive=params["exclusive"],
                check_mode=module.check_mode,
            )
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
