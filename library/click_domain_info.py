#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_domain_info
short_description: Read which processing modules a Xen host runs, and their handlers
version_added: "0.1.0"
description:
  - Reads the processing modules that M(click_domain) made on one host from the host itself (definitions, ports), and
    through XenStore handlers of those that run, all in one task. Changes nothing.
extends_documentation_fragment:
  - processing_modules.info
  - processing_modules.config_dir
  - toolstack
requirements:
  - Xen and Open vSwitch
seealso:
  - module: click_domain
  - module: click_handler
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what runs and what it dropped
  click_domain_info:
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
    - The modules by name, as M(click_domain) returns them. C(handlers) has the values of those that run, without a last
      newline; C(error) says why a running module could not be read and is empty otherwise.
  returned: success
  type: list
  elements: dict
  sample:
    - name: felipeiprouter-pm0
      allocation: felipeiprouter
      active: true
      enabled: true
      domain: 7
      device: pm0f1e2d3c
      ofport: 4711
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

from functools import cache
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.arguments import PM_INFO_ARGUMENTS
from ansible.module_utils.flowstream.hosts.observe import report
from ansible.module_utils.flowstream.hosts.xen.connection import open_doors
from ansible.module_utils.flowstream.hosts.xen.driver import XenDriver
from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.toolstack import TOOLSTACK_ARGUMENTS


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **PM_INFO_ARGUMENTS,
            **TOOLSTACK_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    params = module.params
    run = local_run(COMMAND_SECONDS)
    toolstack = cache(lambda: open_toolstack(params["toolstack"], params["uri"], run))
    host = DomainHost(config_dir=Path(params["config_dir"]))
    try:
        with open_doors(run, toolstack, params["timeout"]) as doors:
            result = report(XenDriver(doors, host, params["timeout"]), params, module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
