#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: dom0_limits
short_description: Settings of a dom0 that let it carry a number of domains
version_added: "0.1.0"
description:
  - Raises what would stop the wanted domains, as M(dom0_capacity) predicts it, and nothing else. A setting takes the next
    power of two, and stays until it is too small or four times too large.
  - Settings are kept in C(/etc/sysctl.d), in drop-ins of systemd units, in C(/etc/default/grub.d) and in
    C(/etc/xen/oxenstored.conf), in C(/etc/udev/rules.d) and in the database of Open vSwitch. What the running system takes, it
    gets at once.
  - Of the rates, it has Open vSwitch read the counters of its interfaces as seldom as takes a hundredth of a processor. What
    C(ovs-vsctl) shows as statistics of an interface is that old then; the counters of OpenFlow are not concerned. With more than
    a hundred interfaces udev starts no program for those of domains, and systemd has no unit for them. Sysctls for one such
    interface by its name have no effect then; those for all, and for new ones, have.
  - For more domains of libxl (V(xl), V(libvirt)) than a listing of C(/local/domain) holds, some 1,040, the next boot starts the
    C xenstored and not oxenstored. It sends a long listing in parts, without which C(xl destroy) fails, and has quotas of its
    own, which are not turned.
  - The old values are in C(/var/lib/flowstream/dom0_limits.json) until V(absent) has given them back.
options:
  state:
    description: V(absent) gives every old value back.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - dom0_demand
notes:
  - The C xenstored is asked for by C(XENSTORED) in a drop-in of the unit that starts it. A value in C(/etc/default/xen) or
    C(/etc/default/xencommons), where stock Xen has none, goes before it.
  - Supports check mode, which predicts exactly, and C(--diff).
  - A running xenstored cannot be started anew. Its quotas wait for a reboot; its open files are raised while it runs.
seealso:
  - module: dom0_capacity
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Have dom0 carry two thousand domains
  dom0_limits:
    domains: 2000

- name: Give it back the settings that it had
  dom0_limits:
    domains: 2000
    state: absent
"""

RETURN = r"""
changes:
  description: One line for each setting that was, or in check mode would be, turned.
  returned: success
  type: list
  elements: str
  sample: ["set sysctl kernel.pty.max to 8192, was 4096"]
reboot:
  description: The settings that wait for a reboot of the host.
  returned: success
  type: list
  elements: str
  sample: ["xen dom0_mem: 1024 until the reboot, then 2048"]
shortfalls:
  description: The walls that stay in the way whatever is turned.
  returned: success
  type: list
  elements: str
  sample: ["memory of the host is enough for 740 of 2000 domains: more memory, or smaller domains"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.dom0.converge import apply_limits, plan_limits
from ansible.module_utils.flowstream.dom0.facts import DEMAND_ARGUMENTS, Demand
from ansible.module_utils.flowstream.dom0.observe import observe_dom0, open_hypervisor
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import local_run

RELOAD_SECONDS = 300
"""systemd reads its units anew, of which a dom0 has one for every interface."""


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            **DEMAND_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    params, run = module.params, local_run(RELOAD_SECONDS)
    try:
        demand = Demand.from_params(params)
        host = observe_dom0(run, open_hypervisor())
        limits = plan_limits(host, demand if params["state"] == "present" else None)
        changed = bool(limits.changes or limits.files)
        if changed and not module.check_mode:
            apply_limits(run, host, limits)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(
        changed=changed,
        changes=[str(change) for change in limits.changes],
        reboot=limits.reboot,
        shortfalls=limits.shortfalls,
        diff={"before": limits.before, "after": limits.after},
    )


if __name__ == "__main__":
    main()
