# SPDX-License-Identifier: Apache-2.0
"""Make the processing modules of a host be as declared, whatever runs them."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.declaration import Declaration, problems_together
from ansible.module_utils.flowstream.hosts.driver import AnyModule, AnySeen, AnyStep, Driver
from ansible.module_utils.flowstream.hosts.observe import configuration_of, observe_modules
from ansible.module_utils.flowstream.plan.plan import PlannedPm


def converge(
    driver: Driver[AnyModule, AnySeen, AnyStep], declared: Declaration, *, check_mode: bool, reads: bool = False
) -> dict[str, Any]:
    """Do what is needed and return a module's result. New and changed modules come first and removals last.

    With `reads`, it has what each module ran before.
    """
    wanted = [] if declared.state == "absent" else _modules(driver, declared)
    names = [pm.name for pm in declared.pms]
    before = after = observe_modules(driver, declared.allocation, names, bare=check_mode or not wanted)
    steps = [step for want in wanted for step in driver.steps(want, before.get(want.name), declared.state)]
    gone = [name for name in declared.to_remove(before) if before[name].exists]
    steps += [driver.removal(name) for name in gone]
    concerned = {step.name for step in steps}
    driver.check([want for want in wanted if want.name in concerned], check_mode)
    modules = {want.name: want for want in wanted}
    if steps and not check_mode:
        driver.carry_out(modules, before, steps)
        after = observe_modules(driver, declared.allocation, names)
    differences = [
        entry
        for name in sorted(concerned)
        for entry in driver.differences(
            name, modules.get(name), before.get(name), [step for step in steps if step.name == name]
        )
    ]
    return {
        "changed": bool(steps),
        "changes": [str(step) for step in steps],
        "touched": sorted({step.name for step in steps if driver.moves_traffic(step)}),
        "pms": [driver.describe(seen) for seen in after.values() if seen.exists],
        "configurations": {name: configuration_of(seen) for name, seen in before.items() if seen.exists}
        if reads
        else {},
        "diff": [entry for entry in differences if entry["before"] != entry["after"]],
    }


def _modules(driver: Driver[AnyModule, AnySeen, AnyStep], declared: Declaration) -> list[AnyModule]:
    """The declared modules, sorted by name; FlowstreamError with one line for each that cannot be."""
    modules: list[AnyModule] = []
    possible: list[PlannedPm] = []
    errors: list[str] = []
    for pm in sorted(declared.pms, key=lambda pm: pm.name):
        try:
            modules.append(driver.module(declared.allocation, pm))
        except FlowstreamError as error:
            errors += error.messages
        else:
            possible.append(pm)
    errors += problems_together(possible)
    if errors:
        raise FlowstreamError(*errors)
    return modules
