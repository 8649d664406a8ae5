# SPDX-License-Identifier: Apache-2.0
"""The driver `xen`: a module is a domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.hosts.xen.connection import XenDoors
from ansible.module_utils.flowstream.hosts.xen.converge import carry_out_modules, differences
from ansible.module_utils.flowstream.hosts.xen.observe import describe_module, observe_domains_of, with_answer
from ansible.module_utils.flowstream.hosts.xen.steps import (
    DomainHost,
    SeenModule,
    WantedModule,
    module_steps,
    moves_traffic,
    wanted_module,
)
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.xen.steps import DomainStep, DomainVerb, SeenDomain

_STATES = {"started": "running", "present": "defined", "stopped": "stopped"}


@dataclass(frozen=True)
class XenDriver:
    """A Driver. `timeout` bounds in seconds the start of modules, and each of their answers."""

    doors: XenDoors
    host: DomainHost
    timeout: float

    def module(self, allocation: str, pm: PlannedPm) -> WantedModule:
        """Define the domain of a module."""
        return wanted_module(self.host, allocation, pm)

    def survey(self, allocation: str | None, names: Iterable[str]) -> dict[str, SeenModule]:
        """Look at domains, ports and files."""
        return observe_domains_of(self.doors, self.host, allocation, names)

    def ask(self, seen: SeenModule) -> SeenModule:
        """Ask the router in the domain."""
        return with_answer(self.doors, seen, self.timeout)

    def steps(self, want: WantedModule, have: SeenModule | None, state: str) -> list[DomainStep]:
        """Compare."""
        return module_steps(want, have or SeenModule(SeenDomain(want.name)), _STATES[state])

    def removal(self, name: str) -> DomainStep:
        """Destroy the domain and take its files."""
        return DomainStep(DomainVerb.REMOVE, name)

    def moves_traffic(self, step: DomainStep) -> bool:
        """Files and definitions alone move nothing."""
        return moves_traffic(step)

    def check(self, modules: Sequence[WantedModule], check_mode: bool) -> None:
        """Nothing: dom0 has no engine, and the control node's has read every configuration of the plan."""

    def carry_out(
        self, modules: Mapping[str, WantedModule], seen: Mapping[str, SeenModule], steps: Sequence[DomainStep]
    ) -> None:
        """Have the toolstack do it, and XenStore what a running router can be told."""
        carry_out_modules(self.doors, self.host, modules, seen, steps, self.timeout)

    def describe(self, seen: SeenModule) -> dict[str, Any]:
        """Name the domain, its port and its file."""
        return describe_module(self.host.config_dir, seen)

    def differences(
        self, name: str, want: WantedModule | None, have: SeenModule | None, steps: Sequence[DomainStep]
    ) -> list[dict[str, str]]:
        """Definition and configuration."""
        return differences(self.host, name, want, have or SeenModule(SeenDomain(name)), steps)

    def handlers(self, seen: SeenModule) -> ClickOsControl:
        """Its control plane in XenStore."""
        return self.doors.control(seen.seen, self.timeout)
