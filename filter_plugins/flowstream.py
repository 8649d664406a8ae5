# SPDX-License-Identifier: Apache-2.0
"""The filters that roles need, by name; what is behind a filter is read when it is called.

Ansible reads this file anew for nearly every task of every machine, whichever filter is meant, and all behind it takes 0.2 s.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import ansible.module_utils
from ansible.errors import AnsibleFilterError

# Ansible finds module_utils/ for modules, but not for plugins of its own process.
_MODULE_UTILS = str(Path(__file__).parents[1] / "module_utils")
if _MODULE_UTILS not in ansible.module_utils.__path__:
    ansible.module_utils.__path__.append(_MODULE_UTILS)

from ansible.module_utils.flowstream.errors import FlowstreamError  # noqa: E402  after the path is known

_CORE = "ansible.module_utils.flowstream"
_FUNCTIONS = {
    "flowstream_account": "filters.account.flowstream_account",
    "flowstream_bridge_ports": "filters.inventory.flowstream_bridge_ports",
    "flowstream_neighbour_questions": "filters.verification.flowstream_neighbour_questions",
    "flowstream_capture_points": "filters.observation.flowstream_capture_points",
    "flowstream_captured": "filters.observation.flowstream_captured",
    "flowstream_carried": "filters.deployment.flowstream_carried",
    "flowstream_change_count": "filters.deployment.flowstream_change_count",
    "flowstream_counters": "filters.verification.flowstream_counters",
    "flowstream_differences": "filters.deployment.flowstream_differences",
    "flowstream_doctor": "dom0.capacity.doctor_table",
    "flowstream_drop_counters": "filters.verification.flowstream_drop_counters",
    "flowstream_drop_sum": "filters.verification.flowstream_drop_sum",
    "flowstream_endpoints": "filters.inventory.flowstream_endpoints",
    "flowstream_fabric": "filters.inventory.flowstream_fabric",
    "flowstream_growth": "filters.verification.flowstream_growth",
    "flowstream_in_transition": "filters.deployment.flowstream_in_transition",
    "flowstream_load_handlers": "filters.offload.flowstream_load_handlers",
    "flowstream_measure_faults": "filters.verification.flowstream_measure_faults",
    "flowstream_measurement": "filters.observation.flowstream_measurement",
    "flowstream_missing_keys": "filters.account.flowstream_missing_keys",
    "flowstream_not_held": "filters.account.flowstream_not_held",
    "flowstream_obstacles": "filters.account.flowstream_obstacles",
    "flowstream_offload": "filters.offload.flowstream_offload",
    "flowstream_outcomes": "filters.verification.flowstream_outcomes",
    "flowstream_part": "filters.inventory.flowstream_part",
    "flowstream_passages": "filters.verification.flowstream_passages",
    "flowstream_platform": "filters.inventory.flowstream_platform",
    "flowstream_preparation": "filters.inventory.flowstream_preparation",
    "flowstream_present": "filters.account.flowstream_present",
    "flowstream_rebalance": "filters.rebalance.flowstream_rebalance",
    "flowstream_report": "filters.verification.flowstream_report",
    "flowstream_rollout": "filters.rollout.flowstream_rollout",
    "flowstream_rollout_back": "filters.rollout.flowstream_rollout_back",
    "flowstream_rollout_end": "filters.rollout.flowstream_rollout_end",
    "flowstream_rollout_gate": "filters.rollout.flowstream_rollout_gate",
    "flowstream_rollout_hosts": "filters.rollout.flowstream_rollout_hosts",
    "flowstream_rollout_probes": "filters.rollout.flowstream_rollout_probes",
    "flowstream_rollout_share": "filters.share.flowstream_rollout_share",
    "flowstream_rollout_share_gate": "filters.share.flowstream_rollout_share_gate",
    "flowstream_scrape_targets": "filters.inventory.flowstream_scrape_targets",
    "flowstream_serving_at": "filters.observation.flowstream_serving_at",
    "flowstream_silent": "filters.account.flowstream_silent",
    "flowstream_stateful": "filters.deployment.flowstream_stateful",
    "flowstream_status": "filters.observation.flowstream_status",
    "flowstream_streams": "filters.verification.flowstream_streams",
    "flowstream_subscriber": "filters.observation.flowstream_subscriber",
    "flowstream_summary": "filters.deployment.flowstream_summary",
    "flowstream_touched": "filters.deployment.flowstream_touched",
    "flowstream_twice": "filters.account.flowstream_twice",
    "flowstream_unseen": "filters.account.flowstream_unseen",
    "flowstream_unit_instance": "world.systemd_names.instance_name",
}
"""What is behind each filter, as ROOM.FILE.FUNCTION of the core."""


class FilterModule:
    """What Ansible looks for in this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filters by name."""
        return {name: _read_when_called(path) for name, path in _FUNCTIONS.items()}

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return what is behind each filter, with its signature and its docstring."""
        return {name: _function(path) for name, path in _FUNCTIONS.items()}


def _function(path: str) -> Callable[..., Any]:
    file, _, name = path.rpartition(".")
    found: Callable[..., Any] = getattr(import_module(f"{_CORE}.{file}"), name)
    return found


def _read_when_called(path: str) -> Callable[..., Any]:
    def call(*arguments: Any, **keywords: Any) -> Any:
        try:
            return _function(path)(*arguments, **keywords)
        except FlowstreamError as error:
            raise AnsibleFilterError(str(error)) from error

    return call
