# SPDX-License-Identifier: Apache-2.0
"""What is declared of a host's processing modules, whatever they run in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import PlannedPm


@dataclass(frozen=True)
class Declaration:
    """What is declared of one host's processing modules: those of one allocation, and the state they shall be in.

    `exclusive` says that the allocation has no others on this host. With state `absent` and no modules, all of the
    allocation's are meant.
    """

    allocation: str
    pms: Sequence[PlannedPm]
    state: str
    exclusive: bool

    def to_remove(self, seen: Iterable[str]) -> list[str]:
        """Which of the modules that are there shall go."""
        named = {pm.name for pm in self.pms}
        if self.state == "absent":
            return [name for name in seen if name in named or not named]
        return [name for name in seen if self.exclusive and name not in named]


def declared_pms(items: Sequence[object]) -> list[PlannedPm]:
    """The processing modules of a plan's host; FlowstreamError with one line for each item that is none."""
    pms: list[PlannedPm] = []
    errors: list[str] = []
    for index, item in enumerate(items):
        if not isinstance(item, Mapping):
            errors.append(f"pms[{index}]: got {item!r}; write a mapping as in the plan")
            continue
        try:
            pms.append(PlannedPm.from_dict(item))
        except KeyError as error:
            errors.append(f"pms[{index}]: {item.get('name', '')}: has no {error.args[0]}; take it from the plan")
        except (AttributeError, TypeError, ValueError, FlowstreamError) as error:
            errors.append(f"pms[{index}]: {item.get('name', '')}: {error}; take it from the plan")
    if errors:
        raise FlowstreamError(*errors)
    return pms


def problems_together(pms: Sequence[PlannedPm]) -> list[str]:
    """What is wrong with the modules of one host, each of which could be by itself."""
    problems: list[str] = []
    names: set[str] = set()
    for pm in pms:
        if pm.name in names:
            problems.append(f"pm {pm.name}: is declared twice; keep one")
        if not pm.config.strip():
            problems.append(f"pm {pm.name}: its configuration is empty")
        names.add(pm.name)
    for what in ("device", "ofport"):
        users: dict[object, str] = {}
        for pm in pms:
            for vif in pm.vifs:
                value = getattr(vif, what)
                if users.setdefault(value, pm.name) != pm.name:
                    problems.append(f"pm {pm.name}: {what} {value} is that of pm {users[value]}; choose another")
    return problems
