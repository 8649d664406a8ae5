#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: metrics_program
short_description: The exporter of metrics as one file
version_added: "0.2.0"
description:
  - Packs what the exporter of role C(monitoring) imports of this tree into one file that Python runs. The same tree
    makes the same bytes.
  - Runs on the control node; the role copies the file to machines.
options:
  module_utils:
    description: The folder C(module_utils/flowstream) of the tree.
    type: path
    required: true
  dest:
    description: The file. Its folder is made.
    type: path
    required: true
notes:
  - Supports check mode.
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Pack the exporter
  metrics_program:
    module_utils: module_utils/flowstream
    dest: build/metrics.pyz
  delegate_to: localhost
"""

RETURN = r"""
file:
  description: The file.
  returned: success
  type: str
  sample: build/metrics.pyz
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.metrics.archive import archive
from ansible.module_utils.flowstream.world.files import replace_file


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "module_utils": {"type": "path", "required": True},
            "dest": {"type": "path", "required": True},
        },
        supports_check_mode=True,
    )
    core, dest = Path(module.params["module_utils"]), Path(module.params["dest"])

    def source(name: str) -> str | None:
        path = core.joinpath(*name.split(".")).with_suffix(".py")
        return path.read_text() if path.exists() else None

    try:
        packed = archive(source)
        changed = not dest.exists() or dest.read_bytes() != packed
        if changed and not module.check_mode:
            replace_file(dest, packed)
    except OSError as error:
        module.fail_json(msg=f"cannot pack the exporter: {error}")
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    module.exit_json(changed=changed, file=str(dest))


if __name__ == "__main__":
    main()
