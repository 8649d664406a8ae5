# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that work with a Xen host's domains: TOOLSTACK_ARGUMENTS of toolstack."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    DOCUMENTATION = r"""
options:
  toolstack:
    description: What creates domains. V(auto) is libvirt where Python has its module, else xl.
    type: str
    choices: [auto, libvirt, xl]
    default: auto
  uri:
    description: Where libvirt is.
    type: str
    default: xen:///system
requirements:
  - python3-libvirt and python3-lxml, with toolstack libvirt
"""
