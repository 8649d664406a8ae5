#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_config
short_description: The configuration of a running Click
version_added: "0.1.0"
description:
  - Makes a running Click run the given configuration, without a restart, so that queues and ARP tables are kept.
    A C(click) process is told by its handler C(hotconfig), a ClickOS domain through XenStore.
  - A configuration that Click refuses is an error with Click's messages and their lines; the old one keeps running.
  - The running configuration is compared with the given one, white space at the ends of lines aside.
  - Use it for a Click that something else starts; M(click_process) does this and the rest of a module's life.
options:
  content:
    description: The configuration, in the Click language.
    type: str
  src:
    description: File with the configuration, on the machine where the task runs.
    type: path
  click:
    description:
      - Engine to check the configuration with before it is used (C(click --check)), also in check mode. Without it,
        only the running Click checks.
    type: path
extends_documentation_fragment:
  - click_connection
  - click_connection.clickos
notes:
  - Supports check mode and C(--diff).
  - A Click behind a O(socket) must have been started with C(-R).
seealso:
  - module: click_handler
  - module: click_process
  - module: clickos_router
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Run a configuration from a file
  click_config:
    socket: /run/click.sock
    src: /etc/click/router.click
    click: /usr/local/bin/click

- name: Run a configuration that stands here
  click_config:
    socket: 192.0.2.7:7777
    content: |
      source :: RatedSource(RATE 10) -> counter :: Counter -> Discard;

- name: Run it in a ClickOS domain, where there may be none yet
  click_config:
    domain: felipeiprouter-pm0
    src: /etc/click/router.click

- name: Look at it
  click_handler:
    socket: 192.0.2.7:7777
    read: [flatconfig]
"""

RETURN = r"""
changes:
  description: One line when the configuration was, or in check mode would be, replaced.
  returned: success
  type: list
  elements: str
  sample: [replace the configuration of /run/click.sock]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.configuration import check_configuration, converge_configuration
from ansible.module_utils.flowstream.control.connection import CLICK_ARGUMENTS, ONE_CONNECTION, connect
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **CLICK_ARGUMENTS,
            "content": {"type": "str"},
            "src": {"type": "path"},
            "click": {"type": "path"},
        },
        required_one_of=[("content", "src"), ONE_CONNECTION],
        mutually_exclusive=[("content", "src"), ONE_CONNECTION],
        supports_check_mode=True,
    )
    params = module.params
    try:
        text = params["content"] if params["src"] is None else Path(params["src"]).read_text()
        if params["click"] is not None:
            check_configuration(local_run(params["timeout"]), params["click"], text, params["src"] or "content")
        with connect(params) as control:
            result = converge_configuration(control, control.name, text, module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    except OSError as error:
        module.fail_json(msg=f"cannot read {params['src']}: {error.strerror}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
