#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xenstore_info
short_description: What stands in a Xen host's XenStore
version_added: "0.1.0"
description:
  - Reads a node of XenStore, its children and permissions, and on request all values below it.
  - With O(pattern) it waits until the node has a certain value first.
options:
  recurse:
    description: Whether to read what is below the node as well.
    type: bool
    default: false
  pattern:
    description: Regular expression to wait for in the node's value, for O(timeout) at most.
    type: str
extends_documentation_fragment:
  - xenstore_node
notes:
  - Supports check mode; it changes nothing.
seealso:
  - module: xenstore
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Look at the control plane of a ClickOS domain
  xenstore_info:
    domain: felipeiprouter-pm0
    path: data/clickos
    recurse: true

- name: Wait until its router runs
  xenstore_info:
    domain: felipeiprouter-pm0
    path: data/clickos/0/status
    pattern: running$
    timeout: 30
"""

RETURN = r"""
path:
  description: The absolute path of the node.
  returned: success
  type: str
  sample: /local/domain/5/data/clickos
exists:
  description: Whether the node is there. When it is not, what follows is empty.
  returned: success
  type: bool
  sample: true
value:
  description: Its value.
  returned: success
  type: str
  sample: "1"
children:
  description: The names of its children, sorted.
  returned: success
  type: list
  elements: str
  sample: ["0"]
permissions:
  description: What domains may do with it; M(xenstore) explains it.
  returned: success
  type: list
  elements: str
  sample: [n5]
nodes:
  description: The values of the node and of everything below it, by absolute path.
  returned: when O(recurse) is true
  type: dict
  sample: {/local/domain/5/data/clickos: "1", /local/domain/5/data/clickos/0/status: 1 running}
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.nodes import NODE_ARGUMENTS, absolute_path, describe_node, wait_for_value


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **NODE_ARGUMENTS,
            "recurse": {"type": "bool", "default": False},
            "pattern": {"type": "str"},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        with LibraryXenStore(params["timeout"]) as store:
            path = absolute_path(store, params["path"], params["domain"])
            if params["pattern"] is not None:
                wait_for_value(store, path, params["pattern"], params["timeout"])
            result = describe_node(store, path, params["recurse"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
