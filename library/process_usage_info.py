#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: process_usage_info
short_description: Read what modules that are processes, and Open vSwitch, have taken of a host's processor and memory
version_added: "0.1.0"
description:
  - Reads of each processing module that is a process, and of C(ovs-vswitchd), the processor time of all of its threads and its memory,
    as the kernel counts them. Two readings tell what was taken in between.
options: {}
notes:
  - Supports check mode; nothing is ever changed.
requirements:
  - systemd
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what is taken
  process_usage_info: {}
  register: usage

- name: Show the processor time of the switch in nanoseconds
  ansible.builtin.debug:
    msg: "{{ usage.units['ovs-vswitchd.service'].processor_ns }}"
"""

RETURN = r"""
at:
  description: When this was, in seconds since the host started.
  returned: success
  type: float
  sample: 86819.685
measured_at:
  description: The same by the calendar.
  returned: success
  type: str
  sample: "2026-11-28T09:16:03+00:00"
units:
  description: Nanoseconds of a processor and bytes of memory by unit.
  returned: success
  type: dict
  sample: {"ovs-vswitchd.service": {"processor_ns": 5120034981, "memory_bytes": 14680064}}
"""

from datetime import UTC, datetime

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.observe import observe_usage
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        usage = observe_usage(local_run(COMMAND_SECONDS))
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, measured_at=datetime.now(UTC).isoformat(timespec="seconds"), **usage)


if __name__ == "__main__":
    main()
