#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_history
short_description: Keep what was deployed as the next generation of its allocation
version_added: "0.2.0"
description:
  - Compares plans with the last generations of their allocations on the machine that keeps them, and keeps each that
    differs as the next one, with the time, the user and control node, the sha256 of its source and what it changed. Why things are
    there decides nothing, so that a plan which differs in it alone is none.
  - One line for each goes to C(/var/lib/flowstream/audit.log), and to the system's log. So does one for a run that made no generation but
    changed the platform. With 1 MiB the file becomes C(audit.log.1), in the place of an earlier one.
  - Generations lie in C(/var/lib/flowstream/history) for root alone. A plan names the keys of tunnels and has none of them.
  - Only plans that are not known there are sent.
options:
  files:
    description:
      - The plans, as M(allocation_plan) has written them; for the action plugin of this name, which reads them on the control
        node.
    type: list
    elements: path
    default: []
  state:
    description: What was done with them.
    type: str
    choices: [deployed, removed]
    default: deployed
  of_generation:
    description: The earlier generation that they are of; 0 for plans that are new.
    type: int
    default: 0
  changes:
    description: How many things of the platform were changed by it.
    type: int
    default: 0
  keep:
    description: How many generations of an allocation stay, the new one among them; at least 2.
    type: int
    default: 20
  who:
    description: Who did it. The action plugin of this name gives it.
    type: str
    default: ""
  deployed:
    description: What became of each allocation. The action plugin of this name gives it.
    type: list
    elements: dict
    default: []
    suboptions:
      allocation:
        description: Its id.
        type: str
        required: true
      source:
        description: The sha256 of its description.
        type: str
        default: ""
      digest:
        description: The sha256 of its plan; empty for nothing.
        type: str
        default: ""
      packed:
        description: Its plan, compressed; empty as long as nobody has asked for it.
        type: str
        default: ""
notes:
  - Supports check mode.
seealso:
  - module: plan_history_info
  - module: platform_lock
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Keep what was deployed
  plan_history:
    files: [build/felipeiprouter/plan.json]
    changes: 12
  delegate_to: mh1
  run_once: true
"""

RETURN = r"""
kept:
  description: The generations that are new.
  returned: success
  type: list
  elements: dict
  sample:
    - allocation: felipeiprouter
      generation: 2
      at: "2026-01-31 12:00:00 UTC"
      who: root@control
      action: deploy
      source: 2f1d6c
      digest: 77aa01
      change: "modules ~1"
missing:
  description: The allocations whose plans are not known; for the action plugin.
  returned: success
  type: list
  elements: str
  sample: []
audit:
  description: What the system's log was told.
  returned: success
  type: list
  elements: str
  sample: ["felipeiprouter, generation 2, source sha256 2f1d6c: deploy by root@control: modules ~1"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.history.converge import AUDIT, Deed, Deployed, keep_generations
from ansible.module_utils.flowstream.history.observe import HISTORY

DEPLOYED_OPTIONS = {
    "allocation": {"type": "str", "required": True},
    "source": {"type": "str", "default": ""},
    "digest": {"type": "str", "default": ""},
    "packed": {"type": "str", "default": "", "no_log": True},
}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "files": {"type": "list", "elements": "path", "default": []},
            "state": {"type": "str", "choices": ["deployed", "removed"], "default": "deployed"},
            "of_generation": {"type": "int", "default": 0},
            "changes": {"type": "int", "default": 0},
            "keep": {"type": "int", "default": 20},
            "who": {"type": "str", "default": ""},
            "deployed": {"type": "list", "elements": "dict", "default": [], "options": DEPLOYED_OPTIONS},
        },
        supports_check_mode=True,
    )
    params = module.params
    if params["keep"] < 2:
        module.fail_json(msg=f"keep is less than 2, got {params['keep']}; an earlier one to go back to has to stay")
    if not params["who"]:
        module.fail_json(msg="who is missing; the action plugin plan_history gives it")
    action = {"deployed": "deploy", "removed": "remove"}[params["state"]]
    if params["of_generation"]:
        action = f"roll back to {params['of_generation']}"
    deed = Deed(params["who"], action, params["changes"], params["keep"])
    try:
        all_deployed = [Deployed(**one) for one in params["deployed"]]
        result = keep_generations(HISTORY, AUDIT, all_deployed, deed, check_mode=module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    if not module.check_mode:
        for sentence in result["audit"]:
            module.log(f"flowstream: {sentence}")
    module.exit_json(**result)


if __name__ == "__main__":
    main()
