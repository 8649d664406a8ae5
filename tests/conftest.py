# SPDX-License-Identifier: Apache-2.0
"""Gives the tests the toolkit under the import name that Ansible gives it, and its documentation fragments."""

from __future__ import annotations

from pathlib import Path

import ansible.module_utils
from ansible.plugins.loader import fragment_loader

ROOT = Path(__file__).parents[1]

ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
fragment_loader.add_directory(str(ROOT / "doc_fragments"))
