#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: live_page
short_description: Show what passes on a platform, in a browser, as long as this runs
version_added: "0.2.0"
description:
  - Serves a page with the picture of what is deployed. Rates on links, modules and drops move with what the exporters of the machines say,
    which are read while somebody looks and at no other time.
  - Ends after O(minutes), or with the playbook that runs it. Nothing is left behind, and nothing is written.
options:
  plans:
    description: The plans of all that is deployed, as M(plan_history_info) returns them.
    type: list
    elements: dict
    required: true
  targets:
    description: Where the exporter of each machine listens, C(HOST:PORT) by the machine's name.
    type: dict
    required: true
  templates:
    description: The folder of the page's template, style and script.
    type: path
    required: true
  address:
    description: Where the page is served. It asks nobody who he is.
    type: str
    default: 127.0.0.1
  port:
    description: Its TCP port.
    type: int
    default: 9810
  seconds:
    description: How long after their last answer the exporters are read again.
    type: float
    default: 2
  minutes:
    description: After how long it ends by itself.
    type: float
    default: 60
notes:
  - Runs on the control node, which needs graphviz' C(dot).
  - Supports check mode, in which the page is made and not served.
seealso:
  - module: plan_history_info
  - module: metrics_program
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Read what is deployed
  plan_history_info:
    plans: [0]
  delegate_to: mh1
  register: kept

- name: Show it until Ctrl-C at http://127.0.0.1:9810/
  live_page:
    plans: "{{ kept.plans }}"
    targets: {mh1: "192.0.2.11:9808", sw1: "192.0.2.10:9808"}
    templates: templates/page
  delegate_to: localhost
"""

RETURN = r"""
allocations:
  description: The allocations that the page shows.
  returned: success
  type: list
  elements: str
  sample: [felipeiprouter]
"""

import threading
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.live.feed import Feed
from ansible.module_utils.flowstream.live.observe import read
from ansible.module_utils.flowstream.live.scene import scene
from ansible.module_utils.flowstream.live.server import server
from ansible.module_utils.flowstream.picture.svg import draw
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "plans": {"type": "list", "elements": "dict", "required": True},
            "targets": {"type": "dict", "required": True},
            "templates": {"type": "path", "required": True},
            "address": {"type": "str", "default": "127.0.0.1"},
            "port": {"type": "int", "default": 9810},
            "seconds": {"type": "float", "default": 2.0},
            "minutes": {"type": "float", "default": 60.0},
        },
        supports_check_mode=True,
    )
    given = module.params
    templates = Path(given["templates"])
    try:
        plans = [Plan.from_dict(plain) for plain in given["plans"]]
        run = local_run(COMMAND_SECONDS)
        shown = scene(plans, given["targets"], templates, lambda pictures: draw(run, pictures))
        if not module.check_mode:
            feed = Feed(lambda: read(given["targets"]), given["seconds"])
            with server(given["address"], given["port"], shown, feed, templates) as serving:
                threading.Thread(target=serving.serve_forever, daemon=True).start()
                threading.Event().wait(given["minutes"] * 60)
                serving.shutdown()
        module.exit_json(changed=False, allocations=[plan.allocation_id for plan in plans])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)


if __name__ == "__main__":
    main()
