# SPDX-License-Identifier: Apache-2.0
"""The arguments of the modules that make processing modules or read them, whatever those run in.

The fragment processing_modules documents them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.flowstream.hosts.declaration import Declaration, declared_pms

CONFIG_DIR_ARGUMENT: dict[str, Any] = {"config_dir": {"type": "path", "default": "/etc/flowstream/pm"}}
PM_ARGUMENTS: dict[str, Any] = {
    "allocation": {"type": "str", "required": True},
    "pms": {"type": "list", "elements": "dict", "default": []},
    "state": {"type": "str", "choices": ["present", "started", "stopped", "absent"], "default": "started"},
    "exclusive": {"type": "bool", "default": False},
    "configurations": {"type": "bool", "default": False},
    "bridge": {"type": "str", "default": "br-pm"},
    **CONFIG_DIR_ARGUMENT,
}
"""Of a module that makes them."""
PM_INFO_ARGUMENTS: dict[str, Any] = {
    "allocation": {"type": "str"},
    "handlers": {"type": "list", "elements": "str", "default": []},
    "configurations": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 5},
    **CONFIG_DIR_ARGUMENT,
}
"""Of a module that reads them."""


def declaration(params: Mapping[str, Any]) -> Declaration:
    """What is declared by PM_ARGUMENTS."""
    return Declaration(params["allocation"], declared_pms(params["pms"]), params["state"], params["exclusive"])
