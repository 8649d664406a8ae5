#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_program_info
short_description: Examine whether a program can be the engine of processing modules
version_added: "0.1.0"
description:
  - Runs a program as a processing module is run, with a small configuration that touches no interface, asks it over its control
    socket for what the toolkit needs, and ends it again. Everything that it lacks is one error.
  - Meant for Click's or FastClick's own program, which role C(click_build) takes as C(click_build_program).
options:
  program:
    description: The program.
    type: path
    required: true
  timeout:
    description: Seconds that its start, and each of its answers, may take.
    type: float
    default: 10
notes:
  - Supports check mode; nothing is ever changed.
seealso:
  - module: click_process
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Examine a program
  click_program_info:
    program: /opt/click/bin/click
  register: found

- name: Show how many element classes it has
  ansible.builtin.debug:
    msg: "{{ found.classes | length }}"
"""

RETURN = r"""
classes:
  description: The element classes of the program, by name.
  returned: success
  type: list
  elements: str
  sample: [Counter, Discard, Idle]
lacks:
  description: What it lacks, each with what was seen instead.
  returned: failure
  type: list
  elements: str
  sample: ["write handler hotconfig, got permission denied"]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.program import examine_program
from ansible.module_utils.flowstream.errors import FlowstreamError


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "program": {"type": "path", "required": True},
            "timeout": {"type": "float", "default": 10},
        },
        supports_check_mode=True,
    )
    path = module.params["program"]
    try:
        found = examine_program(Path(path), module.params["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    if found.lacks:
        what = "; ".join(found.lacks)
        module.fail_json(
            msg=f"click_build_program {path}: cannot be an engine here, lacks {what}; see docs/engine.md, or use another program",
            lacks=list(found.lacks),
        )
    module.exit_json(changed=False, classes=list(found.classes))


if __name__ == "__main__":
    main()
