# SPDX-License-Identifier: Apache-2.0
"""Plays a bridge that has the flows it is given: nothing is sent to any machine."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """What Ansible looks for in this file: a task of this name runs it instead of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the report of a module that found nothing to do."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if not self._task.args["flows"]:
            raise AnsibleActionFail("the bridge is given no flows")
        return {**result, "changed": False, "changes": [], "destinations": []}
