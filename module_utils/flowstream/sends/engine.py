# SPDX-License-Identifier: Apache-2.0
"""What the engine says of the configurations of a plan, before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.own import is_held
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.sends.graph import Graph
from ansible.module_utils.flowstream.sends.verdict import judge
from ansible.module_utils.flowstream.world.run import Run

_STANDARD_INPUT = "/dev/stdin"


def check_configurations(
    run: Run, click: Path, folder: Path, files: Mapping[str, str], elements: Sequence[str] = ()
) -> None:
    """Have the engine read every configuration of the plan; the error has every message with its file and line.

    With `elements`, classes besides those are refused, as of a program that lacks them.
    """
    known = "".join(f"{name}\n" for name in elements)
    only = ["--elements-from", _STANDARD_INPUT] if known else []
    errors: list[str] = []
    for name in sorted(files):
        if name.endswith(".click"):
            result = run([str(click), "--check", *only, str(folder / name)], known)
            if result.rc != 0:
                lines = [line for line in result.stderr.splitlines() if line.strip()] or [result.cause]
                errors += [
                    line.replace(f"is not in {_STANDARD_INPUT}", "is none of click_build_program's") for line in lines
                ]
    if errors:
        raise FlowstreamError(*errors)


def judge_tenants(run: Run, click: Path | None, plan: Plan, folder: Path, src: Path | None) -> list[str]:
    """Refuse configurations of tenants that could send what is not their own; return what nobody can tell of others."""
    refused: list[str] = []
    told: list[str] = []
    for pm in (pm for host in plan.hosts.values() for pm in host.pms if is_held(pm)):
        if click is None:
            told.append(
                f"{pm.name} was not looked at: no engine to read what it may send; the bridge of its host drops what is not its own"
            )
            continue
        file = folder / f"click/{pm.name}.click"
        result = run([str(click), "--check", "--graph", "-", str(file)])
        if result.rc != 0:
            raise FlowstreamError(f"cannot read what {pm.name} may send: {result.cause}")
        verdict = judge(Graph.from_json(result.stdout), pm.vifs[0].interface, pm.claims, plan.ports)
        refused += [_placed(text, src, file) for text in verdict.refused]
        told += [_placed(text, src, file) for text in verdict.undecided]
    if refused:
        raise FlowstreamError(*refused)
    return told


def _placed(text: str, src: Path | None, file: Path) -> str:
    """A message with the operator's own file where it is in the allocation's folder: its configuration names it from there."""
    if src is None or text.startswith(str(file)):
        return text
    return str((src if src.is_dir() else src.parent) / text)
