#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: host_capacity_info
short_description: Measure what a module host has for processing modules
version_added: "0.1.0"
description:
  - Reads the memory, the processors and the speed of the uplink of a module host, for what the inventory leaves out of
    C(module_host_capacity).
  - All of it is the same at each run, whatever is in use at the moment. Of the memory an eighth is left to the host itself.
options:
  driver:
    description:
      - What modules are on this host. Of a host of V(process)es all memory counts.
      - With V(xen), all of the machine's without the most that dom0 may have, and the machine's processors.
    type: str
    choices: [process, xen]
    default: process
  uplink:
    description: The interface towards the switch.
    type: str
    default: ""
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: dom0_capacity
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Measure a host of processes
  host_capacity_info:
    uplink: eno1
  register: measured

- name: Show it
  ansible.builtin.debug:
    msg: "{{ measured.capacity.memory_mib }} MiB for modules"
"""

RETURN = r"""
capacity:
  description: >-
    What was measured, as keys of C(module_host_capacity). C(uplink_mbps) is missing where the link is down or has no speed.
  returned: success
  type: dict
  sample: {memory_mib: 28672, vcpus: 16, processors: 16, uplink_mbps: 10000}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.dom0.observe import open_hypervisor
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.capacity import measure_domains, measure_processes


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "driver": {"type": "str", "choices": ["process", "xen"], "default": "process"},
            "uplink": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    uplink = module.params["uplink"]
    try:
        if module.params["driver"] == "xen":
            capacity = measure_domains(open_hypervisor(), uplink)
        else:
            capacity = measure_processes(uplink)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, capacity=capacity)


if __name__ == "__main__":
    main()
