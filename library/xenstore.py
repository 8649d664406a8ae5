#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: xenstore
short_description: Nodes of a Xen host's XenStore
version_added: "0.1.0"
description:
  - Makes a node of XenStore, with values and permissions, or removes it with everything below it. All of it happens in
    one transaction.
  - What stands below a node and is not named here stays as it is.
  - Use M(click_config) and M(click_handler) for the nodes of a ClickOS domain's control plane.
options:
  value:
    description: The node's value. XenStore takes 2,048 bytes.
    type: str
  chunk_bytes:
    description:
      - Keep O(value) in parts of so many bytes, which are the node's children V(0), V(1), and so on. Children with
        higher numbers are removed.
    type: int
  values:
    description: Values of nodes below this one, by their relative paths.
    type: dict
  permissions:
    description:
      - What domains may do with the node, as C(n5), C(r5), C(w5) or C(b5) for nothing, reading, writing or both. The
        first names the owner, and what every domain may that is not named.
      - Nodes that are made below it get the same, those that are there keep theirs.
    type: list
    elements: str
  state:
    description: Whether the node is there.
    type: str
    choices: [present, absent]
    default: present
extends_documentation_fragment:
  - xenstore_node
notes:
  - Supports check mode and C(--diff).
seealso:
  - module: xenstore_info
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Ask a domain to shut down
  xenstore:
    domain: felipeiprouter-pm0
    path: control/shutdown
    value: poweroff

- name: Keep what a tool wants to remember
  xenstore:
    path: /tool/flowstream
    values:
      allocation/id: felipeiprouter
      allocation/revision: "3"
    permissions: [n0, r5]

- name: Look at it
  xenstore_info:
    path: /tool/flowstream
    recurse: true

- name: Remove it
  xenstore:
    path: /tool/flowstream
    state: absent
"""

RETURN = r"""
path:
  description: The absolute path of the node.
  returned: success
  type: str
  sample: /tool/flowstream
changes:
  description: One line for each node that was, or in check mode would be, made, written or removed.
  returned: success
  type: list
  elements: str
  sample: [make /tool/flowstream, write /tool/flowstream/allocation/id]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.nodes import (
    NODE_ARGUMENTS,
    absolute_path,
    converge_node,
    remove_node,
    wanted_node,
)
from ansible.module_utils.flowstream.xenstore.store import Permission


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            **NODE_ARGUMENTS,
            "value": {"type": "str"},
            "chunk_bytes": {"type": "int"},
            "values": {"type": "dict"},
            "permissions": {"type": "list", "elements": "str"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        required_by={"chunk_bytes": ["value"]},
        supports_check_mode=True,
    )
    params = module.params
    try:
        permissions = tuple(Permission.parse(text) for text in params["permissions"] or ())
        with LibraryXenStore(params["timeout"]) as store:
            path = absolute_path(store, params["path"], params["domain"])
            if params["state"] == "absent":
                result = remove_node(store, path, module.check_mode)
            else:
                wanted = wanted_node(path, params["value"], params["chunk_bytes"], params["values"] or {}, permissions)
                result = converge_node(store, wanted, module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(path=path, **result)


if __name__ == "__main__":
    main()
