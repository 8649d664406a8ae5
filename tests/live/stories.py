# SPDX-License-Identifier: Apache-2.0
"""How the story of an example begins and ends on a lab."""

from __future__ import annotations

from .router_lab import ROOT, RouterLab

_MACHINES = ("sw1", "mh1", "mh2")


def example(name: str) -> str:
    return str(ROOT / "examples" / name / "allocation.xml")


def deploy(lab: RouterLab, name: str) -> None:
    lab.play("deploy-router", allocation=example(name))
    lab.play("verify-router", allocation=example(name), verification_packets=300)
    assert lab.play("deploy-router", allocation=example(name)).changed == {}


def remove(lab: RouterLab, name: str) -> None:
    lab.play("remove-router", allocation=example(name))
    for machine in _MACHINES:
        assert [trace for trace in lab.traces(machine) if trace.startswith(("flow", "unit", "namespace", "port"))] == []
