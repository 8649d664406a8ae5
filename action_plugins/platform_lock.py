# SPDX-License-Identifier: Apache-2.0
"""The control node's half of module platform_lock: it knows this run, sees whether another of its own still lives, and waits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.world.lock_file import acquire, own_claim  # noqa: E402  after the path is known

_DEFAULT_LEASE = 900.0


class ActionModule(ActionBase):
    """What Ansible looks for in this file."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask for the lock until this run has it or its time to wait is over."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        claim = own_claim(str(arguments.get("purpose", "change the platform")))

        def ask(instead_of: str) -> dict[str, Any]:
            asked = {**arguments, "claim": claim.to_dict(), "instead_of": instead_of}
            answer: dict[str, Any] = self._execute_module("platform_lock", asked, task_vars=task_vars)
            return answer

        if arguments.get("state") == "free":
            return {**result, **ask("")}
        lease, wait = float(arguments.get("lease", _DEFAULT_LEASE)), float(arguments.get("wait", 0))
        return {**result, **acquire(ask, claim, wait, lease, boolean(arguments.get("break", False)))}
