# SPDX-License-Identifier: Apache-2.0
"""Options of the modules that speak of many domains at a time: RANGE_ARGUMENTS of xen/mass/observe."""

from __future__ import annotations


class ModuleDocFragment:
    """What Ansible looks for in this file."""

    DOCUMENTATION = r"""
options:
  name:
    description: Name of the domains, with V({number}) or V({number:04}) in it.
    type: str
    required: true
  first:
    description: The first number.
    type: int
    default: 1
  count:
    description: How many domains.
    type: int
    required: true
  program:
    description: The program domain-builder.
    type: path
    default: /usr/local/lib/flowstream/domain-builder
"""
