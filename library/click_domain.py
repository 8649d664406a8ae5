#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_domain
short_description: The processing modules of one allocation on a Xen host, as domains
version_added: "0.1.0"
description:
  - Makes the processing modules of one allocation on one Xen host be as declared, all in one task. Each is a domain
    that runs Click, ClickOS for instance, with its interface as a numbered port of the host's bridge.
  - A module's configuration is a file that its domain starts with, so that it comes back as it was by itself, when it
    dies and when dom0 boots. It is the ramdisk of a ClickOS domain, and the last file in that of a Linux guest. The file,
    the domain's definition with its metadata, and the tags of its port (C(external_ids:flowstream-allocation)
    and C(flowstream-domain)) are all that is kept.
  - A running module whose configuration alone changed gets it through XenStore, without a restart. When its kernel,
    memory, processors or interfaces changed, or when it does not answer, it is restarted, and the report says why.
  - New modules are started before old ones are removed. Flows are none of its business; see M(openflow_flows).
options:
  boot:
    description: How the domains boot.
    type: str
    choices: [pvh, pv]
    default: pvh
  kernels:
    description:
      - Kernel of the domains of each kind of module, a file in dom0. A link is followed, so that one which leads
        elsewhere now is another kernel, for which running domains are restarted. A kernel of C(linux_guest) has its file
        system beside it, as KERNEL.initramfs.
    type: dict
    default: {clickos: /var/lib/flowstream/images/clickos-full}
  timeout:
    description:
      - Seconds that each answer of a module may take, and that a started one may take until it runs its configuration.
    type: float
    default: 30
extends_documentation_fragment:
  - processing_modules
  - processing_modules.config_dir
  - toolstack
notes:
  - Supports check mode, which predicts exactly, and C(--diff). In check mode a host without Xen or Open vSwitch counts
    as one that has no modules yet.
requirements:
  - Xen, Open vSwitch, and the hotplug script C(vif-flowstream) of role C(module_host_xen)
seealso:
  - module: click_domain_info
  - module: xen_domain
  - module: click_config
  - module: openflow_flows
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Run the plan's processing modules of this host
  click_domain:
    allocation: "{{ plan.allocation.id }}"
    bridge: "{{ plan.hosts[inventory_hostname].bridge }}"
    pms: "{{ plan.hosts[inventory_hostname].pms }}"

- name: Remove those that no flow leads to any more
  click_domain:
    allocation: "{{ plan.allocation.id }}"
    bridge: "{{ plan.hosts[inventory_hostname].bridge }}"
    pms: "{{ plan.hosts[inventory_hostname].pms }}"
    exclusive: true

- name: Look at what runs
  click_domain_info:
    allocation: felipeiprouter

- name: Remove every processing module of an allocation
  click_domain:
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
    - write the start-up configuration of domain felipeiprouter-pm0
    - "define domain felipeiprouter-pm0: pvh, 32768 KiB, 1 vcpu, kernel /var/lib/flowstream/images/clickos-0123abcd"
    - "plug in domain felipeiprouter-pm0: pm0f1e2d3c is OpenFlow port 4711 of br-pm"
    - start domain felipeiprouter-pm0
    - have domain felipeiprouter-pm0 started at boot
touched:
  description: Names of the modules whose traffic the changes may meet, sorted.
  returned: success
  type: list
  elements: str
  sample: [felipeiprouter-pm0]
pms:
  description:
    - The modules of the allocation that are there, by name; in check mode those that are there now. C(domain) is the
      number of the running domain, 0 when it does not run.
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
configurations:
  description: With O(configurations), what each module of the allocation ran before, by name.
  returned: success
  type: dict
  sample: {}
"""

from functools import cache
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.arguments import PM_ARGUMENTS, declaration
from ansible.module_utils.flowstream.hosts.converge import converge
from ansible.module_utils.flowstream.hosts.xen.connection import open_doors
from ansible.module_utils.flowstream.hosts.xen.driver import XenDriver
from ansible.module_utils.flowstream.hosts.xen.steps import DomainHost
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.converge import resolved
from ansible.module_utils.flowstream.xen.domain import KINDS
from ansible.module_utils.flowstream.xen.toolstack import TOOLSTACK_ARGUMENTS


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **PM_ARGUMENTS,
            "boot": {"type": "str", "choices": list(KINDS), "default": "pvh"},
            "kernels": {"type": "dict", "default": {"clickos": "/var/lib/flowstream/images/clickos-full"}},
            **TOOLSTACK_ARGUMENTS,
            "timeout": {"type": "float", "default": 30},
        },
        supports_check_mode=True,
    )
    params = module.params
    kernels = {kind: resolved(kernel) for kind, kernel in params["kernels"].items()}
    host = DomainHost(params["bridge"], params["boot"], kernels, config_dir=Path(params["config_dir"]))
    run = local_run(COMMAND_SECONDS)
    toolstack = cache(lambda: open_toolstack(params["toolstack"], params["uri"], run))
    try:
        declared = declaration(params)
        with open_doors(run, toolstack, params["timeout"]) as doors:
            result = converge(
                XenDriver(doors, host, params["timeout"]),
                declared,
                check_mode=module.check_mode,
                reads=params["configurations"],
            )
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result if module._diff else {**result, "diff": []})


if __name__ == "__main__":
    main()
