# SPDX-License-Identifier: Apache-2.0
"""Gives these tests Debian's library, which hosts have; what is written with it is judged by its own parser."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import PathFinder

import pytest

DEBIAN = "/usr/lib/python3/dist-packages"

for name in ("decorator", "prometheus_client"):
    spec = None if name in sys.modules else PathFinder.find_spec(name, [DEBIAN])
    if spec and spec.loader:
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
if "prometheus_client" not in sys.modules:
    pytest.skip("needs python3-prometheus-client, which packages.txt has", allow_module_level=True)
