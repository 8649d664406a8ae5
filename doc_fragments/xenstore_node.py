# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that name a node of XenStore: NODE_ARGUMENTS of xenstore/nodes."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    DOCUMENTATION = r"""
options:
  path:
    description: The node, an absolute path, or with O(domain) one below the domain's folder.
    type: str
    required: true
  domain:
    description: Name or number of the running domain to whose folder O(path) is relative.
    type: str
  timeout:
    description: Seconds until a XenStore that does not answer is an error, for each request.
    type: float
    default: 10
notes:
  - Needs the package C(libxenstore4) on the host, which every Xen host has.
"""
