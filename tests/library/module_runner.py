# SPDX-License-Identifier: Apache-2.0
"""Run one module as Ansible would, from its file: arguments as JSON on standard input, its JSON answer on output."""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

import ansible.module_utils
from ansible.module_utils.testing import patch_module_args

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
    with patch_module_args(json.load(sys.stdin)):
        runpy.run_path(str(ROOT / "library" / f"{sys.argv[1]}.py"), run_name="__main__")


if __name__ == "__main__":
    main()
