# SPDX-License-Identifier: Apache-2.0
"""Plays a bridge that has the flows it is given, or has as many others as it lacks, `bench_lacks`: nothing is sent to any machine."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """What Ansible looks for in this file: a task of this name runs it instead of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the report of a module that put in what there lacks."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if not self._task.args["flows"]:
            raise AnsibleActionFail("the bridge is given no flows")
        lacking = [f"flow {number}" for number in range((task_vars or {}).get("bench_lacks", 0))]
        return {
            **result,
            "changed": bool(lacking),
            "changes": [f"add {flow}" for flow in lacking],
            "destinations": [],
            "left": len(lacking),
            "diff": {"before": "", "after": "".join(f"played {flow}\n" for flow in lacking)} if self._task.diff else [],
        }
