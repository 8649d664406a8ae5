#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: plan_changes
short_description: Say what leads from one plan to another
version_added: "0.2.0"
description:
  - Compares two plans, such as two generations of M(plan_history_info), and changes nothing. With C(--diff) it shows the
    lines of their configurations and flows that differ.
options:
  old:
    description: The one plan.
    type: dict
    required: true
  new:
    description: The other.
    type: dict
    required: true
  old_name:
    description: What the one is called in differences.
    type: str
    default: old
  new_name:
    description: What the other is called in differences.
    type: str
    default: new
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: plan_history_info
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Say what leads from generation 1 to generation 2
  plan_changes:
    old: "{{ kept.plans[0] }}"
    new: "{{ kept.plans[1] }}"
  delegate_to: localhost
  register: compared
"""

RETURN = r"""
changes:
  description: What differs, in the order in which a deployment does it.
  returned: success
  type: list
  elements: str
  sample: ["~ mh1: felipeiprouter-pm0: configuration +2 -1 lines"]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.changes import compare, file_differences
from ansible.module_utils.flowstream.plan.plan import Plan


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "old": {"type": "dict", "required": True},
            "new": {"type": "dict", "required": True},
            "old_name": {"type": "str", "default": "old"},
            "new_name": {"type": "str", "default": "new"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        old, new = Plan.from_dict(params["old"]), Plan.from_dict(params["new"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    differences = file_differences(old.shown(), new.shown(), params["old_name"], params["new_name"])
    module.exit_json(changed=False, changes=compare(old, new).lines(), diff=differences if module._diff else [])


if __name__ == "__main__":
    main()
