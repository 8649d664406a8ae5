#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_lock
short_description: The right to change one machine of the platform, for one run of a playbook at a time
version_added: "0.1.0"
description:
  - Takes the lock of a machine for the playbook that runs, or gives it back. Another run that has it is named with its
    user, control node, process and time, and what it is at.
  - A run that ends without giving the lock back does not keep it. One of the same control node is asked for at once; of
    another control node nothing is known, so it keeps the lock for O(lease) after it was last heard of.
  - The lock is a small file in C(/run/flowstream); a machine that reboots has none. Taking a lock again that this run
    has already tells the machine that the run lives, and is not a change of the platform.
  - Nothing but the playbooks that ask for the lock heeds it.
options:
  state:
    description: V(taken) takes the lock, or fails; V(free) gives it back, if this run has it.
    type: str
    choices: [taken, free]
    default: taken
  purpose:
    description: What the run is at, as a phrase after "to", for the message that others get.
    type: str
    default: change the platform
  wait:
    description: Seconds to wait for a lock that another run has.
    type: float
    default: 0
  break:
    description: Take the lock whoever has it. The other run fails where it would take it again.
    type: bool
    default: false
  lease:
    description: Seconds without a word after which a run of another control node counts as gone.
    type: float
    default: 900
  claim:
    description: Who asks. The action plugin of this name gives it.
    type: dict
    default: {}
  instead_of:
    description: What the lock of a run says that is no more. The action plugin of this name gives it.
    type: str
    default: ""
notes:
  - In check mode nothing is taken and nobody is refused.
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Begin, as soon as nobody else is at it
  platform_lock:
    purpose: deploy felipeiprouter
    wait: 60

- name: Give the machine back
  platform_lock:
    state: free
"""

RETURN = r"""
held:
  description: Whether this run has the lock now.
  returned: success
  type: bool
  sample: true
holder:
  description: Who has it (C(owner), C(node), C(process), C(purpose), C(since)); null for nobody.
  returned: success
  type: dict
  sample: {owner: root@control, process: "1234:5678", purpose: deploy felipeiprouter, since: "2026-01-31 12:00:00 UTC"}
silent:
  description: Seconds since the machine last heard of the holder.
  returned: success
  type: float
  sample: 0.0
record:
  description: What the lock of another run says; for the action plugin.
  returned: success
  type: str
  sample: ""
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.lock import LOCK, Claim
from ansible.module_utils.flowstream.world.lock_file import give_back, take


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["taken", "free"], "default": "taken"},
            "purpose": {"type": "str", "default": "change the platform"},
            "wait": {"type": "float", "default": 0},
            "break": {"type": "bool", "default": False},
            "lease": {"type": "float", "default": 900},
            "claim": {"type": "dict", "default": {}},
            "instead_of": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        claim = Claim.from_dict(params["claim"])
        if params["state"] == "taken":
            result = take(LOCK, claim, params["instead_of"], module.check_mode)
        else:
            result = give_back(LOCK, claim, module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
