#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: capture_file
short_description: Write what was captured at several points as one file
version_added: "0.2.0"
description:
  - Writes captures of M(packet_capture), of one machine or of several, as one file in the format pcapng, with an interface block for
    each point that has its name, in the order of their times. What lay there is replaced.
options:
  captured:
    description: What was captured, point by point.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The name of the point.
        type: str
        required: true
      where:
        description: Machine and interface, for people.
        type: str
        default: ""
      data:
        description: A capture file (pcap) in base64.
        type: str
        required: true
  dest:
    description: The file to be written, for its owner alone.
    type: path
    required: true
notes:
  - In check mode nothing is written.
  - The clocks of machines are theirs; the order of packets of several is as good as these agree.
requirements:
  - dumpcap and mergecap, of Debian's wireshark-common
seealso:
  - module: packet_capture
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Write both captures as one file
  capture_file:
    captured:
      - {name: "port:0", where: sw1 p1, data: "{{ at_switch.captured[0].data }}"}
      - {name: "uplink:mh1", where: mh1 uplink, data: "{{ at_host.captured[0].data }}"}
    dest: build/capture.pcapng
  delegate_to: localhost
"""

RETURN = r"""
file:
  description: The file.
  returned: success
  type: str
  sample: build/capture.pcapng
"""

import base64
import binascii
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.capture.merge import Captured, write_merged
from ansible.module_utils.flowstream.errors import FlowstreamError

CAPTURED_OPTIONS = {
    "name": {"type": "str", "required": True},
    "where": {"type": "str", "default": ""},
    "data": {"type": "str", "required": True, "no_log": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "captured": {"type": "list", "elements": "dict", "required": True, "options": CAPTURED_OPTIONS},
            "dest": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        captured = [
            Captured(one["name"], one["where"], base64.b64decode(one["data"], validate=True))
            for one in params["captured"]
        ]
        if not module.check_mode:
            write_merged(captured, Path(params["dest"]))
    except binascii.Error as error:
        module.fail_json(msg=f"data is no base64: {error}; give what packet_capture has returned")
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, file=params["dest"])


if __name__ == "__main__":
    main()
