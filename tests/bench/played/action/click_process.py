# SPDX-License-Identifier: Apache-2.0
"""Plays a host that has the modules it is given, `bench_pm`; with a folder `bench_state`, one that remembers their configurations there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """What Ansible looks for in this file: a task of this name runs it instead of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the report of a module that gave them their configurations without a restart."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables, pms = task_vars or {}, self._task.args["pms"]
        changes = []
        if "bench_state" in variables:
            file = Path(variables["bench_state"]) / f"{variables['inventory_hostname']}.json"
            runs = json.loads(file.read_text())
            wanted = {pm["name"]: pm["config"] for pm in pms if runs["now"][pm["name"]] != pm["config"]}
            changes = [f"replace the configuration of pm {name}: without a restart" for name in wanted]
            if not self._task.check_mode:
                file.write_text(json.dumps({**runs, "now": {**runs["now"], **wanted}}))
        elif [pm["name"] for pm in pms] != [variables["bench_pm"]]:
            raise AnsibleActionFail(f"the host is given other modules than {variables['bench_pm']}")
        return {
            **result,
            "changed": bool(changes),
            "changes": changes,
            "touched": [],
            "pms": pms,
            "configurations": {},
            "diff": [],
        }
