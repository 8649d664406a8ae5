# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.hosts.observe import observe_modules
from ansible.module_utils.flowstream.hosts.process.driver import ProcessDriver
from ansible.module_utils.flowstream.hosts.process.observe import (
    observe_tagged_ports,
    observe_units,
)
from ansible.module_utils.flowstream.hosts.process.steps import SeenPm, SeenPort
from ansible.module_utils.flowstream.hosts.process.unit import PmHost, PmPaths
from ansible.module_utils.flowstream.world.run import NotInstalledError, Result

INTERFACES = {
    "headings": ["name", "ofport", "external_ids"],
    "data": [
        ["br-pm", 65534, ["map", []]],
        ["pm1", 300, ["map", [["flowstream-allocation", "a"], ["flowstream-pm", "a-pm1"]]]],
        ["pm2", ["set", []], ["map", [["flowstream-allocation", "a"], ["flowstream-pm", "a-pm2"]]]],
        ["pm3", -1, ["map", [["flowstream-allocation", "b"], ["flowstream-pm", "b-pm3"]]]],
    ],
}
UNITS = (
    "MainPID=7\nId=flowstream-pm@a-pm1.service\nActiveState=active\nUnitFileState=enabled\n\n"
    "MainPID=0\nId=flowstream-pm@a-pm2.service\nActiveState=activating\nUnitFileState=\n"
)


class Answers:
    """Answers by the program and its first words."""

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers = answers

    def __call__(self, argv: list[str], stdin: str = "") -> Result:
        for start, answer in self.answers.items():
            if " ".join(argv).startswith(start):
                return Result(tuple(argv), 0, answer, "")
        raise NotInstalledError(f"cannot run {argv[0]}: it is not installed")


RUN = Answers(
    {
        "ovs-vsctl": json.dumps(INTERFACES),
        "ip -json netns list": '[{"name": "a-pm1"}, {"name": "other"}]',
        "systemctl show": UNITS,
    }
)


@pytest.fixture
def paths(tmp_path: Path) -> PmPaths:
    for folder in ("config", "run", "unit"):
        (tmp_path / folder).mkdir()
    return PmPaths(tmp_path / "config", tmp_path / "run", tmp_path / "unit")


def test_only_tagged_ports_are_ours_and_one_without_a_number_has_none() -> None:
    assert observe_tagged_ports(RUN) == [
        SeenPort("pm1", 300, "a", "a-pm1"),
        SeenPort("pm2", None, "a", "a-pm2"),
        SeenPort("pm3", None, "b", "b-pm3"),
    ]


def test_an_allocations_modules_are_found_by_their_units_and_by_their_ports(paths: PmPaths) -> None:
    unit = "[X-Flowstream]\nAllocation=a\n"
    paths.unit_file("a-pm1").write_text(unit)
    paths.config_file("a-pm1").write_text("Idle -> Discard;\n")
    paths.unit_file("c-pm0").write_text("[X-Flowstream]\nAllocation=c\n")
    seen = observe_units(RUN, paths, "a", [])
    assert seen == {
        "a-pm1": SeenPm(
            name="a-pm1",
            allocation="a",
            unit=unit,
            config="Idle -> Discard;\n",
            active=True,
            enabled=True,
            pid=7,
            namespace=True,
            port=SeenPort("pm1", 300, "a", "a-pm1"),
        ),
        "a-pm2": SeenPm(name="a-pm2", allocation="a", port=SeenPort("pm2", None, "a", "a-pm2")),
    }
    assert list(observe_units(RUN, paths, None, [])) == ["a-pm1", "a-pm2", "b-pm3", "c-pm0"]


def test_a_named_module_of_which_nothing_is_there_is_seen_as_that(paths: PmPaths) -> None:
    assert observe_units(RUN, paths, "z", ["z-pm0"]) == {"z-pm0": SeenPm("z-pm0")}


def test_a_host_without_open_vswitch_has_no_modules_yet_for_check_mode_alone(paths: PmPaths) -> None:
    driver = ProcessDriver(Answers({}), PmHost(paths=paths))
    assert observe_modules(driver, "a", ["a-pm0"], bare=True) == {}
    with pytest.raises(NotInstalledError):
        observe_modules(driver, "a", ["a-pm0"])
