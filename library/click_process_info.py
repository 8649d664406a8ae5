#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_process_info
short_description: Read which processing modules a Linux host runs, and their handlers
version_added: "0.1.0"
description:
  - Reads the processing modules that M(click_process) made on one host from the host itself (unit files, systemd,
    ports), and handlers of those that run, all in one task. Changes nothing.
extends_documentation_fragment:
  - processing_modules.info
  - processing_modules.config_dir
  - processing_modules.process
seealso:
  - module: click_process
  - module: click_handler
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what runs and what it dropped
  click_process_info:
    allocation: felipeiprouter
    handlers: [no_route.count, in0.count, out0.count]
  register: modules

- name: Show it
  ansible.builtin.debug:
    msg: "{{ modules.pms | map(attribute='name') }}"
"""

RETURN = r"""
pms:
  description:
    - The modules by name. C(handlers) has the values of those that run, without a last newline; C(error) says why a
      running module could not be read and is empty otherwise.
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
      handlers: {no_route.count: "0", in0.count: "42", out0.count: "41"}
      error: ""
configurations:
  description: >-
    By name what each module runs, or, where none answers, what it starts with. Empty without O(configurations).
  returned: success
  type: dict
  sample: {}
at:
  description: When handlers were asked for, in seconds of the host's own clock, which only goes on (C(CLOCK_MONOTONIC)); for rates of two readings.
  returned: success
  type: float
  sample: 4711.25
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.arguments import PM_INFO_ARGUMENTS
from ansible.module_utils.flowstream.hosts.observe import report
from ansible.module_utils.flowstream.hosts.process.arguments import PROCESS_ARGUMENTS, process_paths
from ansible.module_utils.flowstream.hosts.process.driver import ProcessDriver
from ansible.module_utils.flowstream.hosts.process.unit import PmHost
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **PM_INFO_ARGUMENTS,
            **PROCESS_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    params = module.params
    host = PmHost(paths=process_paths(params))
    driver = ProcessDriver(local_run(COMMAND_SECONDS), host, answer_timeout=params["timeout"])
    try:
        result = report(driver, params, module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
