# SPDX-License-Identifier: Apache-2.0
"""Module allocation_plan within the process of the control node, where the planner is on disk already.

As a module of its own process, all that it imports is packed, unpacked and compiled for each run: 1.4 s, of which planning the example
takes 0.1 s.
"""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.errors import FlowstreamError, shortened  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run  # noqa: E402

_CORE = "ansible.module_utils.flowstream"


class ActionModule(ActionBase):
    """What Ansible looks for in this file."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Plan here, unless the task is to be run elsewhere or as another user."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._connection.transport != "local" or self._connection.become or self._task.async_val:
            answer: dict[str, Any] = self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
            return {**result, **answer}

        # Now, for the process that starts all others reads this file, too.
        job = import_module(f"{_CORE}.planner.job")
        _, params = self.validate_argument_spec(**job.PLAN_ARGUMENTS)
        try:
            # What came as text from elsewhere is text, and what goes back is not to be taken for a template.
            made = job.run_planner(local_run(COMMAND_SECONDS), job.PlanningJob.from_arguments(_plain(params)))
        except FlowstreamError as error:
            return {**result, "failed": True, "msg": "\n".join(shortened(error.messages)), **error.details}
        for finding in shortened(made["findings"]):
            Display().warning(finding)
        return {**result, **_plain(made), **({} if self._task.diff else {"diff": []})}


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    """The same as a module is told it, and as its answer is read."""
    plain: dict[str, Any] = json.loads(json.dumps(value))
    return plain
