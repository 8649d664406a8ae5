# SPDX-License-Identifier: Apache-2.0
"""The control node's half of module plan_history: it knows who runs this, reads the plans, and sends those that are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.errors import FlowstreamError  # noqa: E402  after the path is known
from ansible.module_utils.flowstream.history.converge import pack  # noqa: E402
from ansible.module_utils.flowstream.history.generation import digest_of  # noqa: E402
from ansible.module_utils.flowstream.plan.plan import Plan  # noqa: E402
from ansible.module_utils.flowstream.world.lock_file import own_claim  # noqa: E402


class ActionModule(ActionBase):
    """What Ansible looks for in this file."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Tell the machine what each plan is; where it knows one not, tell it again with that plan."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        plans = [_plan(Path(file)) for file in arguments.pop("files", [])]
        removed = arguments.get("state") == "removed"
        arguments["who"] = own_claim("").owner

        deployed: list[dict[str, str]] = [{"allocation": plan.allocation_id} for plan in plans]
        if not removed:
            deployed = [
                {"allocation": plan.allocation_id, "source": plan.sha256, "digest": digest_of(plan)} for plan in plans
            ]

        def tell(packed: dict[str, str]) -> dict[str, Any]:
            told = {**arguments, "deployed": [{**one, "packed": packed.get(one["allocation"], "")} for one in deployed]}
            answer: dict[str, Any] = self._execute_module("plan_history", told, task_vars=task_vars)
            return answer

        answer = tell({})
        if answer.get("missing"):
            answer = tell({plan.allocation_id: pack(plan) for plan in plans if plan.allocation_id in answer["missing"]})
        return {**result, **answer}


def _plan(file: Path) -> Plan:
    try:
        return Plan.from_json(file.read_text())
    except OSError as error:
        raise AnsibleActionFail(f"cannot read {file}: {error.strerror}") from error
    except FlowstreamError as error:
        raise AnsibleActionFail(f"{file}: {error}") from error
