#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xen_domains_info
short_description: How many domains of a template run, and what a handler of each of them says
version_added: "0.1.0"
description:
  - Looks at the domains of M(xen_domains) in one go, and asks all of them at the same time, over one connection to XenStore.
options:
  handler:
    description: A handler to read of each; without it none is asked.
    type: str
    default: ""
  timeout:
    description: Seconds that all of them together may take to answer.
    type: float
    default: 120
extends_documentation_fragment:
  - domain_range
notes:
  - Supports check mode. It takes no turns with other clients of the same domains, see M(click_handler) for one domain.
seealso:
  - module: xen_domains
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Ask all
  xen_domains_info:
    name: "fw{number:04}"
    count: 1000
    handler: counter.count
  register: asked

- name: Have all answer
  ansible.builtin.assert:
    that: asked.answered == 1000
"""

RETURN = r"""
running:
  description: How many run.
  returned: success
  type: int
  sample: 1000
missing:
  description: Numbers of which none runs.
  returned: success
  type: str
  sample: 7, 900-1000
answered:
  description: How many have answered with a value.
  returned: success
  type: int
  sample: 1000
silent:
  description: Numbers of those that have not answered in time.
  returned: success
  type: str
  sample: ""
refused:
  description: What the first ten of those that have no such handler say, by name.
  returned: success
  type: dict
  sample: {}
values:
  description: The most frequent values, and of how many domains they are.
  returned: success
  type: dict
  sample: {"0": 1000}
free_kib:
  description: Free memory of the host in KiB.
  returned: success
  type: int
  sample: 1048576
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.mass.builder import DomainBuilder
from ansible.module_utils.flowstream.xen.mass.observe import RANGE_ARGUMENTS, read_mass
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate
from ansible.module_utils.flowstream.xenstore.pipeline import XenStorePipeline


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **RANGE_ARGUMENTS,
            "handler": {"type": "str", "default": ""},
            "timeout": {"type": "float", "default": 120},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        template = DomainTemplate(
            params["name"], params["first"], params["count"], kernel="/nowhere", kind="pv", memory_kib=4096
        )
        with DomainBuilder(params["program"]) as builder, XenStorePipeline(params["timeout"]) as store:
            result = read_mass(builder, store, template, params["handler"], params["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
