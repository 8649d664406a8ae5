# SPDX-License-Identifier: Apache-2.0
"""The arguments of the modules for processing modules that are processes, beside those of all.

The fragment processing_modules documents them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.hosts.arguments import CONFIG_DIR_ARGUMENT
from ansible.module_utils.flowstream.hosts.process.unit import PmPaths

PROCESS_ARGUMENTS: dict[str, Any] = {
    "run_dir": {"type": "path", "default": "/run/flowstream/pm"},
    "unit_dir": {"type": "path", "default": "/etc/systemd/system"},
}
"""Where processes have their files on the host, besides `config_dir`."""


def process_paths(params: Mapping[str, Any]) -> PmPaths:
    """Where processes have their files by PROCESS_ARGUMENTS."""
    return PmPaths(Path(params["config_dir"]), Path(params["run_dir"]), Path(params["unit_dir"]))


DEFAULT_PATHS = process_paths(
    {name: option["default"] for name, option in {**CONFIG_DIR_ARGUMENT, **PROCESS_ARGUMENTS}.items()}
)
"""Where they have them unless a module is told otherwise."""
