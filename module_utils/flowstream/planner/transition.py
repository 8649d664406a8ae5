# SPDX-License-Identifier: Apache-2.0
"""The configurations that the modules of a host have while the bridges are led from what is deployed to a new plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.middleboxes.template import Render
from ansible.module_utils.flowstream.plan.plan import PlannedPm, PlannedPort
from ansible.module_utils.flowstream.planner.types import TYPES, Types, middlebox_of


@dataclass(frozen=True)
class Surroundings:
    """What all processing modules of a plan share and their configurations speak of."""

    allocation_id: str
    type: str
    ports: Sequence[PlannedPort]


def transitional_configs(
    shared: Surroundings,
    pms: Iterable[PlannedPm],
    running: Mapping[str, str],
    render: Render,
    types: Types = TYPES,
) -> dict[str, str]:
    """Return by name the configurations of modules whose type asks for one in between.

    `pms` are those that a host is to run, `running` has by name the configurations that its modules run now. A module
    that is new on the host needs none.
    """
    middlebox = middlebox_of(shared.type, types)
    configs: dict[str, str] = {}
    for pm in pms:
        now = running.get(pm.name, "")
        # A stage passes what comes whichever of the two plans sent it.
        between = middlebox.transition(now, pm, shared.ports) if now and pm.stage is None else None
        if between is not None:
            variables = middlebox.configuration(shared.allocation_id, between, shared.ports)
            configs[pm.name] = render(shared.type, pm.name, variables)
    return configs
