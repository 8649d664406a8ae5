#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lab_xen_image
short_description: A Xen host as a virtual machine, booted once and saved as it runs
description:
  - Makes a disk of a Debian root file system with Xen in it, boots that in QEMU, waits until its services run, and saves
    the running machine, so that M(lab_topology) has such machines within seconds.
  - Uses hardware virtualisation where Xen comes up with it, and emulation else.
  - An image that is in the cache is used as it is. It is built beside its place and then renamed, so that an interrupted
    build leaves nothing that could be taken for an image. A second process that wants the same image waits.
options:
  root:
    description: Root file system with Xen and Linux in C(/boot), see M(lab_image).
    type: path
    required: true
  overlay:
    description: Folder of files that are laid over the root file system.
    type: path
    required: true
  initrd:
    description: Folder of the initial RAM disk, with its C(init).
    type: path
    required: true
  memory:
    description: Memory of the machine in MiB.
    type: int
    default: 4096
  dom0_memory:
    description: Of it, the memory of dom0 in MiB.
    type: int
    default: 1024
  cache:
    description: Folder that holds the images.
    type: path
    required: true
  timeout:
    description: Seconds that the wait for another process that builds the same image may take.
    type: int
    default: 1800
author:
  - Flowstream
requirements:
  - root
  - qemu-system-x86_64, qemu-img, mke2fs, cpio
attributes:
  check_mode:
    support: full
    description: Says whether the image would be built.
  diff_mode:
    support: full
    description: Shows the image before and after.
"""

EXAMPLES = r"""
- name: Make the root file system of a Xen host
  lab_image:
    cache: ~/.cache/flowstream/images
    packages: [linux-image-amd64, openvswitch-switch, qemu-guest-agent, xen-hypervisor-4.17-amd64, xen-utils-4.17]
  register: root

- name: Make a machine of it
  lab_xen_image:
    root: "{{ root.path }}"
    overlay: files/dom0
    initrd: files/initrd
    cache: ~/.cache/flowstream/images
  register: image

- name: Show where it is
  ansible.builtin.debug:
    var: image.path
"""

RETURN = r"""
path:
  description: Folder of the image.
  returned: success
  type: str
  sample: /home/operator/.cache/flowstream/images/xen-0f3a6c2d9be41c57
console:
  description: The last lines of the console of a machine that did not boot.
  returned: when the machine does not boot
  type: list
  elements: str
  sample: ["(XEN) Freed 656kB init memory"]
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.xen_image import XenImageBuild, XenImageCache, qemu_version
from ansible.module_utils.flowstream.world.run import local_run

COMMAND_SECONDS = 600


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "root": {"type": "path", "required": True},
            "overlay": {"type": "path", "required": True},
            "initrd": {"type": "path", "required": True},
            "memory": {"type": "int", "default": 4096},
            "dom0_memory": {"type": "int", "default": 1024},
            "cache": {"type": "path", "required": True},
            "timeout": {"type": "int", "default": 1800},
        },
        supports_check_mode=True,
    )
    given = module.params
    run = local_run(COMMAND_SECONDS)
    try:
        build = XenImageBuild(
            *(Path(given[name]) for name in ("root", "overlay", "initrd")),
            given["memory"],
            given["dom0_memory"],
            qemu_version(run),
        )
        cache = XenImageCache(Path(given["cache"]), run)
        there = cache.has(build)
        if not there and not module.check_mode:
            cache.build(build, given["timeout"])
    except FlowstreamError as error:
        module.fail_json(msg=str(error), **error.details)
    path = str(cache.path(build))
    module.exit_json(changed=not there, path=path, diff={"before": f"{path}\n" if there else "", "after": f"{path}\n"})


if __name__ == "__main__":
    main()
