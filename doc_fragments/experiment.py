# SPDX-License-Identifier: Apache-2.0
"""Options of modules that know an experiment."""

from __future__ import annotations


class ModuleDocFragment:
    """What ansible-doc looks for."""

    DOCUMENTATION = r"""
options:
  src:
    description: The description of the experiment (YAML), as docs/experiments.md has it.
    type: path
    required: true
  folder:
    description: Where its allocations, results and report lie.
    type: path
    required: true
  template_dir:
    description: Folder with a template of an allocation for each kind of processing (V(NAME.yml.j2)).
    type: path
    required: true
  drivers:
    description: The driver of each module host of the platform, by name.
    type: dict
    required: true
  endpoints:
    description: The endpoints of the platform by name, as the filter C(flowstream_endpoints) makes them.
    type: dict
    required: true
"""
