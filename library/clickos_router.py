#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: clickos_router
short_description: The life of a router in a ClickOS domain
version_added: "0.1.0"
description:
  - Starts, stops or removes a router of a ClickOS domain, through XenStore. A stopped router keeps its state.
  - Use M(click_config) to install a router, which starts it, or to replace it.
options:
  domain:
    description: The domain, by name or number, on the Xen host where the task runs.
    type: str
    required: true
  state:
    description:
      - Whether the router runs, is kept without running, or is not there. A router that is not there cannot be started
        or stopped.
    type: str
    choices: [started, stopped, absent]
    default: started
extends_documentation_fragment:
  - click_connection.clickos
notes:
  - Supports check mode and C(--diff).
seealso:
  - module: click_config
  - module: click_handler
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Install a router
  click_config:
    domain: felipeiprouter-pm0
    src: /etc/click/router.click

- name: Stop it for a while
  clickos_router:
    domain: felipeiprouter-pm0
    state: stopped

- name: Let it run again
  clickos_router:
    domain: felipeiprouter-pm0
    state: started

- name: Remove it
  clickos_router:
    domain: felipeiprouter-pm0
    state: absent
"""

RETURN = r"""
changes:
  description: One line when the router was, or in check mode would be, started, stopped or removed.
  returned: success
  type: list
  elements: str
  sample: [stop domain felipeiprouter-pm0]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.clickos import converge_router
from ansible.module_utils.flowstream.control.connection import CLICKOS_ARGUMENTS, connect_domain
from ansible.module_utils.flowstream.errors import FlowstreamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **CLICKOS_ARGUMENTS,
            "state": {"type": "str", "choices": ["started", "stopped", "absent"], "default": "started"},
        },
        supports_check_mode=True,
    )
    try:
        with connect_domain(module.params) as control:
            result = converge_router(control, module.params["state"], module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
