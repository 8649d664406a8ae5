# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that make processing modules, or read them, whatever those run in: hosts/arguments, hosts/process/arguments."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    # PM_ARGUMENTS
    DOCUMENTATION = r"""
options:
  allocation:
    description: The allocation that the modules belong to.
    type: str
    required: true
  pms:
    description:
      - The processing modules, as a plan has them below C(hosts.NAME.pms) (C(name), C(id), C(kind), C(memory_mib),
        C(vcpus), C(prefixes), C(routes), C(vifs), C(config)). With O(state=absent) and none, all modules that the
        allocation has on this host are meant.
    type: list
    elements: dict
    default: []
  state:
    description:
      - V(started) makes them run, now and after a reboot. V(present) prepares them, and keeps those up to date that
        run. V(stopped) makes them not run and leaves them prepared. V(absent) leaves nothing of them.
    type: str
    choices: [present, started, stopped, absent]
    default: started
  exclusive:
    description: Also remove modules of the allocation that are on this host and not in O(pms).
    type: bool
    default: false
  configurations:
    description: Also return the configuration that each module ran before.
    type: bool
    default: false
  bridge:
    description: The host's Open vSwitch bridge.
    type: str
    default: br-pm
"""

    # PM_INFO_ARGUMENTS
    INFO = r"""
options:
  allocation:
    description: Only the modules of this allocation. Without it, those of all.
    type: str
  handlers:
    description: Handlers to read of each running module, such as V(no_route.count). Those that a module lacks are left out.
    type: list
    elements: str
    default: []
  configurations:
    description: Also return the configuration of each module.
    type: bool
    default: false
  timeout:
    description: Seconds until a module that does not answer is reported with its error, for each request.
    type: float
    default: 5
notes:
  - Supports check mode; nothing is ever changed. In check mode a host that is not prepared yet counts as one without
    modules.
"""

    # CONFIG_DIR_ARGUMENT
    CONFIG_DIR = r"""
options:
  config_dir:
    description: Folder of the Click configurations. It is made with the first of them, and removed with the last.
    type: path
    default: /etc/flowstream/pm
"""

    # PROCESS_ARGUMENTS
    PROCESS = r"""
options:
  run_dir:
    description: Folder of the control sockets. It is made with the first of them, and removed with the last.
    type: path
    default: /run/flowstream/pm
  unit_dir:
    description: Folder of the unit files.
    type: path
    default: /etc/systemd/system
requirements:
  - systemd, iproute2 and Open vSwitch on the host
"""
