#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_history_info
short_description: Read the generations of an allocation
version_added: "0.2.0"
description:
  - Reads what M(plan_history) has kept on this machine, and the plans of some of it.
options:
  allocation:
    description: Its id; without one, only the ids of those that have generations are read.
    type: str
    default: ""
  plans:
    description:
      - The generations whose plans are read as well; V(0) is the one that is deployed.
      - Without O(allocation) only V([0]) makes sense, which reads what is deployed of each.
    type: list
    elements: int
    default: []
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: plan_history
  - module: plan_changes
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what was deployed, and the plan of generation 3
  plan_history_info:
    allocation: felipeiprouter
    plans: [3]
  register: kept
"""

RETURN = r"""
allocations:
  description: The allocations that have generations on this machine.
  returned: success
  type: list
  elements: str
  sample: [felipeiprouter]
generations:
  description: What is kept of the allocation, the oldest first; one that took everything away has no C(digest).
  returned: success
  type: list
  elements: dict
  sample:
    - generation: 1
      at: "2026-01-31 12:00:00 UTC"
      who: root@control
      action: deploy
      source: 2f1d6c
      digest: 77aa01
      change: "modules +2; flows +20"
plans:
  description: The plans that were asked for, in the order of O(plans).
  returned: success
  type: list
  elements: dict
  sample: [{schema: 1, allocation: {id: felipeiprouter}}]
table:
  description: The generations for people.
  returned: success
  type: str
  sample: generation  at ...
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.history.generation import history_table
from ansible.module_utils.flowstream.history.observe import HISTORY, allocations, deployed_plans, generations, kept_plan


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "allocation": {"type": "str", "default": ""},
            "plans": {"type": "list", "elements": "int", "default": []},
        },
        supports_check_mode=True,
    )
    allocation, numbers = module.params["allocation"], module.params["plans"]
    try:
        found = generations(HISTORY, allocation) if allocation else []
        if numbers and not allocation:
            plans = deployed_plans(HISTORY)
        else:
            plans = [kept_plan(HISTORY, allocation, number) for number in numbers]
        module.exit_json(
            changed=False,
            allocations=allocations(HISTORY),
            generations=[one.to_dict() for one in found],
            plans=plans,
            table=history_table(found),
        )
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)


if __name__ == "__main__":
    main()
