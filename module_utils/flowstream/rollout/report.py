# SPDX-License-Identifier: Apache-2.0
"""What people read of a rollout: what is to come, what a gate saw, and how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ansible.module_utils.flowstream.errors import shortened
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.rollout.beside import successor_of
from ansible.module_utils.flowstream.rollout.gate import Health, Verdict, Window
from ansible.module_utils.flowstream.rollout.standing import Standing, modules

_SHOWN = 5


def count(number: int, one: str) -> str:
    """Return a number of things."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def few(names: Iterable[str]) -> str:
    """Return names, of many the first."""
    return ", ".join(shortened(list(names), _SHOWN))


def coming(
    plan: Plan, found: Standing, canary: Sequence[str], waves: Sequence[Mapping[str, Sequence[str]]], health: Health
) -> list[str]:
    """Return what a rollout is about to do. Of each wave, `waves` has the modules by their host."""
    total = sum(1 for _ in modules(plan))
    if found.astray:
        return [
            f"{plan.allocation_id}: {count(len(found.astray), 'module')} of {total} run what an earlier rollout gave them that was not"
            f" finished; they get back what is deployed: {few(found.astray)}"
        ]
    if not found.begun and not found.waiting:
        return [f"{plan.allocation_id}: there is nothing to roll out: {count(total, 'module')} run what is deployed"]
    lines = [
        f"{plan.allocation_id}: {len(found.waiting)} of {count(total, 'module')} get another configuration, without a restart"
    ]
    if found.begun:
        lines.append(
            f"{count(len(found.begun), 'module')} run it already, from an earlier run that was not finished; they are judged with the"
            f" canary: {few(found.begun)}"
        )
    where = {pm.name: (host, pm) for host, pm in modules(plan)}
    lines += shortened(
        [f"canary: {name} on {where[name][0]}, which gets {few(where[name][1].gets)}" for name in canary], _SHOWN
    )
    for number, wave in enumerate(waves, 1):
        inside = sum(map(len, wave.values()))
        lines.append(
            f"wave {number} of {len(waves)}: {count(inside, 'module')} on {count(len(wave), 'host')}: {few(wave)}"
        )
    lines.append(
        f"each goes back that drops {health.drops:g} % more of its packets than before, gets {health.less:g} % fewer, or does not answer"
    )
    return lines


def judged(title: str, verdicts: Sequence[Verdict], fewest: int, when: str = "before") -> list[str]:
    """Return what a gate saw of the modules of a wave; shares of fewer packets than `fewest` were not looked at.

    `when` says what they are compared with.
    """
    ill = [one for one in verdicts if one.faults]
    after = [one.after for one in verdicts if one.after]
    before = [one.before for one in verdicts if one.before]
    received, lost = sum(one.received for one in after), sum(one.lost for one in after)
    earlier = sum(one.received for one in before)
    was = f", {_share(sum(one.lost for one in before), earlier)} {when}" if earlier else ""
    seen = f"{count(received, 'packet')}, {_share(lost, received)} dropped{was}"
    hosts = count(len({one.host for one in verdicts}), "host")
    modules_ = count(len(verdicts), "module")
    lines = [
        f"{title}: {modules_} on {hosts} {'is' if len(verdicts) == 1 else 'are'} well: {seen}"
        if not ill
        else f"{title}: {len(ill)} of {modules_} on {hosts} {'is' if len(ill) == 1 else 'are'} not well: {seen}"
    ]
    lines += shortened([f"{one.module} on {one.host}: {'; '.join(one.faults)}" for one in ill], _SHOWN)
    quiet = sum(1 for one in verdicts if one.after and one.after.received < fewest)
    if quiet:
        lines.append(f"shares say nothing of {count(quiet, 'module')} with fewer than {count(fewest, 'packet')}")
    return lines


def dropped(by_module: Mapping[str, Mapping[str, int]], received: int) -> str:
    """Return what modules dropped while they ran what was taken back, by reason; what they did after they were last asked is more."""
    reasons: Counter[str] = Counter()
    for own in by_module.values():
        reasons.update(own)
    total = reasons.total()
    names = ", ".join(f"{number:,} {reason}" for reason, number in reasons.most_common() if number)
    return f"meanwhile at least {count(total, 'packet')} of {received:,} were dropped by them" + (
        f": {names}" if names else ""
    )


def sharing(homes: Mapping[str, str], weight: int) -> list[str]:
    """Return which modules, each with its host, have a successor beside them that gets a share of their flows."""
    return shortened(
        [
            f"share: {successor_of(name)} beside {name} on {host} gets {weight} % of its flows"
            for name, host in homes.items()
        ],
        _SHOWN,
    )


def left_over(strays: Mapping[str, Sequence[str]]) -> list[str]:
    """Return which successors, by their hosts, an earlier run has left."""
    return shortened(
        [f"{few(names)} on {host}: is left of a run that was not finished, and goes" for host, names in strays.items()],
        _SHOWN,
    )


def share_of(module: str, successor: str, got: int, beside: int, since: Window) -> str:
    """Return how many packets a successor got while the other one got its own, and what it dropped until it had none any more."""
    reasons = ", ".join(f"{number:,} {reason}" for reason, number in sorted(since.dropped.items()))
    return (
        f"{successor} got {_share(got, got + beside)} of the packets of {module}; until all were led back it had dropped"
        f" {count(since.lost, 'packet')} of {since.received:,}" + (f": {reasons}" if reasons else "")
    )


def ended(
    allocation: str, stopped_at: str, back: Sequence[str], stay: Sequence[str], unreturned: Mapping[str, str]
) -> list[str]:
    """Return how a rollout ended that was stopped.

    `back` have their old configuration again, `stay` keep the new one, `unreturned` could not be given the old one, with the reason.
    """
    if not back and not stay and not unreturned:
        return [f"{allocation}: stopped at {stopped_at}; all flows are led to modules that run what is deployed"]
    lines = [
        f"{allocation}: stopped at {stopped_at}; {count(len(back), 'module')} run again what is deployed"
        + (f": {few(back)}" if back else "")
    ]
    if stay:
        lines.append(f"{count(len(stay), 'module')} keep the new configuration; the next run goes on behind them")
    lines += [
        f"{name}: could not be given its old configuration back: {reason}; the next run does it, or judges it again"
        for name, reason in sorted(unreturned.items())
    ]
    return lines


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"
