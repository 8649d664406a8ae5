# SPDX-License-Identifier: Apache-2.0
"""A processing module for tests."""

from __future__ import annotations

from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.plan.vif import Vif

PM = PlannedPm(
    name="a-pm0",
    pm_id=0,
    kind="process",
    memory_mib=64,
    vcpus=1,
    claims=(),
    routes=(),
    vifs=(Vif("pm0000abcd", "eth0", "02:00:00:00:00:01", 4711, None),),
    config="Idle -> Discard;\n",
)
