#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xen_domain_info
short_description: Read which domains a Xen host has
version_added: "0.1.0"
description:
  - Reads the domains of a Xen host from its toolstack, and their ports from Open vSwitch. Changes nothing.
options:
  names:
    description: Only these domains. Without it, all.
    type: list
    elements: str
  allocation:
    description: Only domains of this allocation.
    type: str
extends_documentation_fragment:
  - toolstack
notes:
  - Supports check mode; nothing is ever changed.
requirements:
  - Xen and Open vSwitch
seealso:
  - module: xen_domain
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read which domains an allocation has
  xen_domain_info:
    allocation: felipeiprouter
  register: found

- name: Show their states
  ansible.builtin.debug:
    msg: "{{ found.domains | items2dict(key_name='name', value_name='state') }}"
"""

RETURN = r"""
domains:
  description:
    - The domains by name, dom0 left out. C(id) is 0 when it does not run; C(definition) has the options of
      M(xen_domain), and is null for a domain of another kind (HVM, or with disks that only its maker knows).
  returned: success
  type: list
  elements: dict
  sample:
    - name: felipeiprouter-pm0
      state: running
      id: 7
      autostart: true
      allocation: felipeiprouter
      definition: {name: felipeiprouter-pm0, kind: pvh, kernel: /var/lib/flowstream/images/clickos-0123abcd}
      ports: [{device: pm0f1e2d3c, bridge: br-pm, ofport: 4711, vlan: null}]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.observe import describe_domain, observe_domains
from ansible.module_utils.flowstream.xen.toolstack import TOOLSTACK_ARGUMENTS


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "names": {"type": "list", "elements": "str"},
            "allocation": {"type": "str"},
            **TOOLSTACK_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    params = module.params
    run = local_run(COMMAND_SECONDS)
    try:
        seen = observe_domains(open_toolstack(params["toolstack"], params["uri"], run), run, params["names"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    domains = [describe_domain(domain) for domain in seen.values()]
    module.exit_json(
        changed=False, domains=[one for one in domains if params["allocation"] in (None, one["allocation"])]
    )


if __name__ == "__main__":
    main()
