#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lab_image
short_description: The root file system of the lab's machines
description:
  - Builds a small Debian with C(mmdebstrap) in a cache folder, once for each list of packages.
  - An image that is in the cache is used as it is, also without a network.
  - The image is built beside its place and then renamed, so that an interrupted build leaves nothing that could be
    taken for an image. A second process that wants the same image waits for the first.
options:
  suite:
    description: Debian suite.
    type: str
    default: bookworm
  packages:
    description:
      - Packages to install, with what they depend on.
      - systemd, sshd, Python and iproute2, without which a machine cannot be reached, are always there.
    type: list
    elements: str
    default: []
  mirror:
    description: APT source to install from; an empty one leaves the choice to C(mmdebstrap).
    type: str
    default: ""
  cache:
    description: Folder that holds the images.
    type: path
    required: true
  timeout:
    description: Seconds that the build, or the wait for another's, may take.
    type: int
    default: 1800
  state:
    description: Whether the image is in the cache.
    type: str
    choices: [present, absent]
    default: present
author:
  - Flowstream
requirements:
  - root
  - mmdebstrap
attributes:
  check_mode:
    support: full
    description: Says whether the image would be built or removed.
  diff_mode:
    support: full
    description: Shows the images of this content in the cache before and after.
"""

EXAMPLES = r"""
- name: Build the image of a machine with Open vSwitch
  lab_image:
    cache: ~/.cache/flowstream/images
    packages: [openvswitch-switch, tcpdump]
  register: image

- name: Show where it is
  ansible.builtin.debug:
    var: image.path

- name: Remove it
  lab_image:
    cache: ~/.cache/flowstream/images
    packages: [openvswitch-switch, tcpdump]
    state: absent
"""

RETURN = r"""
path:
  description: Root directory of the image.
  returned: success
  type: str
  sample: /home/operator/.cache/flowstream/images/bookworm-0f3a6c2d9be41c57
log:
  description: File with the progress of the build, line by line.
  returned: success
  type: str
  sample: /home/operator/.cache/flowstream/images/bookworm-0f3a6c2d9be41c57.log
packages:
  description: What was asked for, with what is always there, sorted.
  returned: success
  type: list
  elements: str
  sample: [dbus, iproute2, openssh-server]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.image import Image, ImageCache, default_packages


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "suite": {"type": "str", "default": "bookworm"},
            "packages": {"type": "list", "elements": "str", "default": []},
            "mirror": {"type": "str", "default": ""},
            "cache": {"type": "path", "required": True},
            "timeout": {"type": "int", "default": 1800},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = module.params
    wanted = given["state"] == "present"
    try:
        image = Image(given["suite"], default_packages(given["packages"]), given["mirror"])
        cache = ImageCache(Path(given["cache"]))
        there = cache.has(image)
        if there != wanted and not module.check_mode:
            if wanted:
                cache.build(image, given["timeout"])
            else:
                cache.remove(image, given["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    path = str(cache.path(image))
    diff = {state: f"{path}\n" if present else "" for state, present in (("before", there), ("after", wanted))}
    module.exit_json(
        changed=there != wanted, path=path, log=str(cache.log(image)), packages=list(image.packages), diff=diff
    )


if __name__ == "__main__":
    main()
