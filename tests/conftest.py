# SPDX-License-Identifier: Apache-2.0
"""Gives the tests the toolkit under the import name that Ansible gives it."""

from __future__ import annotations

from pathlib import Path

import ansible.module_utils

ansible.module_utils.__path__.append(str(Path(__file__).parents[1] / "module_utils"))
