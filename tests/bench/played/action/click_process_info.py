# SPDX-License-Identifier: Apache-2.0
"""Plays a host that says what runs: nothing, or with a folder `bench_state`, what it remembers there, when it is asked for handlers.

Its modules get 1,000 packets a second. Where a file HOST.ill lies beside, they drop every twentieth as soon as they run another
configuration than at first.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """What Ansible looks for in this file: a task of this name runs it instead of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return what the module would have read."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        variables, asked = task_vars or {}, self._task.args["handlers"]
        if "bench_state" not in variables or not asked:
            return {**result, "pms": [], "configurations": {}}
        file = Path(variables["bench_state"]) / f"{variables['inventory_hostname']}.json"
        runs = json.loads(file.read_text())
        ill = file.with_suffix(".ill").exists() and runs["now"] != runs["first"]
        now = time.monotonic()
        twenties = int(now * 50)  # whole ones, so that of any window just a twentieth is dropped
        counts = {"in0.count": 20 * twenties, "no_route.count": twenties if ill else 0}
        handlers = {handler: str(counts.get(handler, 0)) for handler in asked}
        pms = [{"name": name, "active": True, "error": "", "handlers": handlers} for name in runs["now"]]
        return {**result, "pms": pms, "configurations": runs["now"], "at": now}
