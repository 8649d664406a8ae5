#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: click_follower
short_description: A running Click comes to know what another on a second machine learns, until packets come to it
version_added: "0.1.0"
description:
  - Carries what elements know from one Click to another over and over, each time what was used since the time before. M(click_state) has
    done the long first rounds, and holds frames back at the second.
  - When frames wait there, packets are led there and not to the first any more. Then the last rounds follow, and frames are let in, some
    milliseconds after the first has come and without a task in between.
  - It goes on until O(until_gone) is gone and the first learns nothing more, five seconds longer at most. At the end, frames are let in whether
    any have come or not. When the playbook that has begun it ends, it ends too, and lets nothing in.
  - Runs on the control node, for long and beside other tasks, with C(async) and C(poll) 0. It reaches the control sockets over SSH, with the
    options of Ansible's own connection to these machines, by key; what it carries is in its memory alone.
options:
  source:
    description: The machine of the Click that packets come to, by its name in the inventory.
    type: str
    required: true
  target:
    description: The machine of the Click that they are going to come to.
    type: str
    required: true
  socket:
    description: Where both have their control socket, an absolute path.
    type: path
    required: true
  read:
    description: Handlers to read, such as V(flows.state). One that the Click does not have has nothing.
    type: list
    elements: str
    required: true
  since:
    description: When a round before read these handlers, C(times) of M(click_state).
    type: dict
    default: {}
  gate:
    description: The handler that says whether frames are taken.
    type: str
    default: from_device.active
  waiting:
    description: The handler that says whether frames wait.
    type: str
    default: from_device.waiting
  until_gone:
    description: A file of the control node whose end is that of following.
    type: path
    required: true
  timeout:
    description: Seconds until a machine or a Click that does not answer is an error, for each login and request.
    type: float
    default: 10
  source_login:
    description: How to log in to O(source). The action plugin of this name gives it.
    type: list
    elements: str
    default: []
  target_login:
    description: How to log in to O(target). The action plugin of this name gives it.
    type: list
    elements: str
    default: []
  run:
    description: Which playbook runs. The action plugin of this name gives it.
    type: dict
    default: {}
notes:
  - In check mode, nothing is done.
seealso:
  - module: click_state
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Begin to follow
  click_follower:
    source: mh1
    target: mh2
    socket: /run/flowstream/pm/nat-pm0.sock
    read: [flows.state, pings.state]
    since: "{{ all_of_it.times }}"
    until_gone: "{{ following.path }}"
  async: 600
  poll: 0
"""

RETURN = r"""
rounds:
  description: How many rounds there were.
  returned: success
  type: int
  sample: 124
records:
  description:
    - How many mappings, connections or neighbours were carried, by handler.
    - One that is used again is carried again, and one that was used in the millisecond of a round with the next round too.
  returned: success
  type: dict
  sample: {flows.state: 31, pings.state: 124}
bytes:
  description: How many bytes they were.
  returned: success
  type: int
  sample: 18044
waited:
  description: Seconds for which the first frame waited at most; null when none came.
  returned: success
  type: float
  sample: 0.021
"""

import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.control.following import Followed, Following, follow
from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.forward import forwarded
from ansible.module_utils.flowstream.world.lock import Claim
from ansible.module_utils.flowstream.world.lock_file import lives

_LEAST_REST = 0.01
"""Seconds between two rounds, where nothing has come: a tenth of what a connection notices."""


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "source": {"type": "str", "required": True},
            "target": {"type": "str", "required": True},
            "socket": {"type": "path", "required": True},
            "read": {"type": "list", "elements": "str", "required": True},
            "since": {"type": "dict", "default": {}},
            "gate": {"type": "str", "default": "from_device.active"},
            "waiting": {"type": "str", "default": "from_device.waiting"},
            "until_gone": {"type": "path", "required": True},
            "timeout": {"type": "float", "default": 10},
            "source_login": {"type": "list", "elements": "str", "default": []},
            "target_login": {"type": "list", "elements": "str", "default": []},
            "run": {"type": "dict", "default": {}},
        },
        supports_check_mode=True,
    )
    params = module.params
    if module.check_mode:
        module.exit_json(changed=False, **Followed().to_dict())
    wanted = Following(params["read"], params["since"], params["gate"], params["waiting"])
    sign = Path(params["until_gone"])
    run = Claim.from_dict(params["run"])

    def goes_on() -> bool:
        if not lives(run):
            raise FlowstreamError(f"cannot follow {params['source']}: the playbook that began it has ended")
        return sign.exists()

    def rest(seconds: float) -> None:
        time.sleep(max(_LEAST_REST, seconds))

    try:
        with (
            forwarded(params["source_login"], params["socket"], params["timeout"]) as source,
            forwarded(params["target_login"], params["socket"], params["timeout"]) as target,
            ControlSocket(Address.parse(source), params["timeout"]) as one,
            ControlSocket(Address.parse(target), params["timeout"]) as other,
        ):
            done = follow(one, other, wanted, goes_on, time.monotonic, rest)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=True, **done.to_dict())


if __name__ == "__main__":
    main()
