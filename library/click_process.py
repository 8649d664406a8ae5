#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_process
short_description: The processing modules of one allocation on a Linux host, as Click processes
version_added: "0.1.0"
description:
  - Makes the processing modules of one allocation on one host be as declared, all in one task. Each is a Click process
    in a network namespace of its own, with one veth pair whose other end is a numbered port of the host's bridge.
  - One systemd unit a module, C(flowstream-pm@NAME.service), makes all of that when it starts and unmakes it when it
    ends, so that it survives a reboot. The unit file, the Click configuration and the tags of the port
    (C(external_ids:flowstream-allocation) and C(flowstream-pm)) are all that is kept.
  - A running module whose configuration alone changed gets it without a restart (C(hotconfig)). When its unit, its
    interface or the engine changed, or something of it is gone, it is restarted, and the report says why.
  - Every configuration is checked by the host's engine before anything is touched. When one is refused, all modules
    stay as they are.
  - New modules are started before old ones are removed. Flows are none of its business; see M(openflow_flows).
options:
  click:
    description: The Click engine.
    type: path
    default: /usr/local/bin/click
  checks:
    description:
      - Whether the engine checks every configuration before anything is touched (C(click --check)). Another program than this project's may
        not know how; a module that does not start with its configuration is an error then, and one that runs keeps its own.
    type: bool
    default: true
  port_type:
    description: Open vSwitch's interface type for the ports. V(afxdp-nonpmd) is faster where the host allows it.
    type: str
    choices: [system, afxdp-nonpmd, afxdp]
    default: system
  timeout:
    description: Seconds until a module that does not answer on its control socket after its start is an error.
    type: float
    default: 15
extends_documentation_fragment:
  - processing_modules
  - processing_modules.config_dir
  - processing_modules.process
notes:
  - Supports check mode, which predicts exactly, and C(--diff). In check mode a host without Open vSwitch, systemd or
    the engine counts as one that has no modules yet.
seealso:
  - module: click_process_info
  - module: click_config
  - module: openflow_flows
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Run the plan's processing modules of this host
  click_process:
    allocation: "{{ plan.allocation.id }}"
    bridge: "{{ plan.hosts[inventory_hostname].bridge }}"
    pms: "{{ plan.hosts[inventory_hostname].pms }}"

- name: Remove those that no flow leads to any more
  click_process:
    allocation: "{{ plan.allocation.id }}"
    bridge: "{{ plan.hosts[inventory_hostname].bridge }}"
    pms: "{{ plan.hosts[inventory_hostname].pms }}"
    exclusive: true

- name: Look at what runs
  click_process_info:
    allocation: felipeiprouter

- name: Remove every processing module of an allocation
  click_process:
    allocation: felipeiprouter
    state: absent
"""

RETURN = r"""
changes:
  description: One line for each thing that was, or in check mode would be, done to a module.
  returned: success
  type: list
  elements: str
  sample:
    - "create pm felipeiprouter-pm0: interface pm0f1e2d3c, OpenFlow port 4711"
    - start pm felipeiprouter-pm0
    - enable pm felipeiprouter-pm0
touched:
  description: Names of the modules whose traffic the changes may meet, sorted.
  returned: success
  type: list
  elements: str
  sample: [felipeiprouter-pm0]
pms:
  description: The modules of the allocation that are there, by name; in check mode those that are there now.
  returned: success
  type: list
  elements: dict
  sample:
    - name: felipeiprouter-pm0
      allocation: felipeiprouter
      active: true
      enabled: true
      pid: 4242
      device: pm0f1e2d3c
      ofport: 4711
      socket: /run/flowstream/pm/felipeiprouter-pm0.sock
      config_file: /etc/flowstream/pm/felipeiprouter-pm0.click
configurations:
  description: With O(configurations), what each module of the allocation ran before, by name.
  returned: success
  type: dict
  sample: {}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.arguments import PM_ARGUMENTS, declaration
from ansible.module_utils.flowstream.hosts.converge import converge
from ansible.module_utils.flowstream.hosts.process.arguments import PROCESS_ARGUMENTS, process_paths
from ansible.module_utils.flowstream.hosts.process.driver import ProcessDriver
from ansible.module_utils.flowstream.hosts.process.unit import PmHost
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **PM_ARGUMENTS,
            **PROCESS_ARGUMENTS,
            "click": {"type": "path", "default": "/usr/local/bin/click"},
            "checks": {"type": "bool", "default": True},
            "port_type": {"type": "str", "choices": ["system", "afxdp-nonpmd", "afxdp"], "default": "system"},
            "timeout": {"type": "float", "default": 15},
        },
        supports_check_mode=True,
    )
    params = module.params
    host = PmHost(
        params["bridge"], Path(params["click"]), params["port_type"], params["checks"], paths=process_paths(params)
    )
    driver = ProcessDriver(local_run(COMMAND_SECONDS), host, params["timeout"])
    try:
        result = converge(driver, declaration(params), check_mode=module.check_mode, reads=params["configurations"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result if module._diff else {**result, "diff": []})


if __name__ == "__main__":
    main()
