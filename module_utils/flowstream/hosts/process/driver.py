# SPDX-License-Identifier: Apache-2.0
"""The driver `process`: a module is a systemd unit with its network namespace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.hosts.process.converge import carry_out, check_configurations, differences
from ansible.module_utils.flowstream.hosts.process.observe import describe_pm, observe_units, with_engine
from ansible.module_utils.flowstream.hosts.process.steps import PmStep, SeenPm, Verb, WantedPm, pm_steps, wanted_pm
from ansible.module_utils.flowstream.hosts.process.unit import PmHost
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.world.run import Run


@dataclass(frozen=True)
class ProcessDriver:
    """A Driver. `timeout` bounds the start of a module in seconds, `answer_timeout` each of its answers."""

    run: Run
    host: PmHost
    timeout: float = 15
    answer_timeout: float = 5

    def module(self, allocation: str, pm: PlannedPm) -> WantedPm:
        """Write the unit of a module."""
        return wanted_pm(self.host, allocation, pm)

    def survey(self, allocation: str | None, names: Iterable[str]) -> dict[str, SeenPm]:
        """Look at units, files, ports and namespaces."""
        return observe_units(self.run, self.host.paths, allocation, names)

    def ask(self, seen: SeenPm) -> SeenPm:
        """Ask the engine."""
        return with_engine(self.host, seen, self.answer_timeout)

    def steps(self, want: WantedPm, have: SeenPm | None, state: str) -> list[PmStep]:
        """Compare."""
        return pm_steps(want, have or SeenPm(want.name), state)

    def removal(self, name: str) -> PmStep:
        """Stop it and take its files."""
        return PmStep(Verb.REMOVE, name)

    def moves_traffic(self, step: PmStep) -> bool:
        """Files alone move nothing."""
        return step.verb not in (Verb.WRITE, Verb.ENABLE)

    def check(self, modules: Sequence[WantedPm], check_mode: bool) -> None:
        """Have the engine of the host read the configurations."""
        check_configurations(self.run, self.host, modules, check_mode)

    def carry_out(self, modules: Mapping[str, WantedPm], seen: Mapping[str, SeenPm], steps: Sequence[PmStep]) -> None:
        """Have systemd do it."""
        carry_out(self.run, self.host, modules, seen, steps, self.timeout)

    def describe(self, seen: SeenPm) -> dict[str, Any]:
        """Name the process, its port and its files."""
        return describe_pm(self.host.paths, seen)

    def differences(
        self, name: str, want: WantedPm | None, have: SeenPm | None, steps: Sequence[PmStep]
    ) -> list[dict[str, str]]:
        """Unit and configuration."""
        return differences(self.host, name, want, have or SeenPm(name))

    def handlers(self, seen: SeenPm) -> ControlSocket:
        """Its ControlSocket."""
        return ControlSocket(Address(str(self.host.paths.socket(seen.name))), self.answer_timeout)
