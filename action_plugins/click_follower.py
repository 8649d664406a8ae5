# SPDX-License-Identifier: Apache-2.0
"""The control node's half of module click_follower: it knows this run, and how Ansible logs in to the two machines."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.world.lock_file import own_claim  # noqa: E402  after the path is known

_SSH = "ansible.builtin.ssh"


class ActionModule(ActionBase):
    """What Ansible looks for in this file."""

    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give the module the logins and the run, and have it go on beside other tasks where the task says so."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = {
            **self._task.args,
            **{
                f"{end}_login": self._login(str(self._task.args[end]), (task_vars or {})["hostvars"])
                for end in ("source", "target")
                if end in self._task.args
            },
            "run": own_claim("follow a module").to_dict(),
        }
        answer: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return {**result, **answer}

    def _login(self, host: str, hostvars: Any) -> list[str]:
        """The command by which Ansible's own connection would log in to a machine; none for this machine."""
        variables = {name: hostvars[host][name] for name in hostvars[host] if name.startswith("ansible_")}
        kind = str(variables.get("ansible_connection", "ssh")).rpartition(".")[2]
        if kind == "local":
            return []
        if kind not in ("ssh", "smart"):
            raise AnsibleActionFail(f"cannot log in to {host}: its connection is {kind}; only ssh is followed over")
        connection = connection_loader.get(_SSH, self._play_context, os.devnull)
        connection.set_options(var_options=variables)
        option = connection.get_option
        if option("password"):
            raise AnsibleActionFail(f"cannot log in to {host}: it asks for a password; only keys are followed with")
        return [
            option("ssh_executable"),
            *("-o", "ControlMaster=no", "-o", "ControlPath=none", "-o", "BatchMode=yes"),
            *(word for name in ("ssh_args", "ssh_common_args", "ssh_extra_args") for word in shlex.split(option(name))),
            *(() if option("host_key_checking") else ("-o", "StrictHostKeyChecking=no")),
            *(("-p", str(option("port"))) if option("port") else ()),
            *(("-l", option("remote_user")) if option("remote_user") else ()),
            *(("-i", option("private_key_file")) if option("private_key_file") else ()),
            option("host"),
        ]
