# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.description import Search, Trial
from ansible.module_utils.flowstream.experiments.reader import read_experiment
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[4]
PORTS = """\
portmacmappings:
  portmacmapping:
    - {portid: 0, mac: "02:00:5E:00:53:00", switchport: 1}
    - {portid: 1, mac: "02:00:5E:00:53:01", switchport: 2}
"""
LEAST = f"id: one\nprocessing: fastiprouter\nrate: 1000\n{PORTS}"


def errors(text: str) -> list[str]:
    with pytest.raises(FlowstreamError) as caught:
        read_experiment(text.encode(), "e.yml")
    return list(caught.value.messages)


def test_a_description_of_four_lines_has_the_rest_as_usual() -> None:
    read = read_experiment(LEAST.encode(), "e.yml")
    assert (read.title, read.rates, read.sizes, read.flows, read.modules) == ("one", (1000,), (64,), (1,), (1,))
    assert (read.hosts, read.kinds, read.trial, read.search) == (("process",), ("",), Trial(), Search())
    assert [port.mac for port in read.ports] == ["02:00:5e:00:53:00", "02:00:5e:00:53:01"]


def test_every_side_may_be_a_list() -> None:
    text = LEAST.replace(
        "rate: 1000", "rate: [0, 1000, throughput]\nsize: [64, 1518]\ncomputers: [1, 2]\nmodule: [process]"
    )
    read = read_experiment(f"{text}trial: {{milliseconds: 200}}\nsearch: {{most: 5000, loss: 10}}\n".encode(), "e.yml")
    assert (read.rates, read.sizes, read.computers, read.kinds) == ((0, 1000, None), (64, 1518), (1, 2), ("process",))
    assert (read.trial, read.search) == (Trial(milliseconds=200), Search(most=5000, loss=10))


@pytest.mark.parametrize("path", sorted((ROOT / "experiments").glob("*.yml")), ids=lambda path: path.stem)
def test_what_the_tree_has_can_be_read(path: Path) -> None:
    assert read_experiment(path.read_bytes(), str(path)).id == path.stem


def test_the_schema_for_editors_accepts_what_can_be_read_and_refuses_what_is_wrong() -> None:
    schema = Draft7Validator(json.loads((ROOT / "schemas" / "experiment.schema.json").read_text()))
    described = yaml.safe_load((ROOT / "experiments" / "router.yml").read_text())
    assert [error.message for error in schema.iter_errors(described)] == []
    assert schema.is_valid(yaml.safe_load(LEAST))
    for wrong in ({"host": "kvm"}, {"colour": "red"}, {"modules": 0}, {"rate": "fast"}):
        assert not schema.is_valid({**described, **wrong})


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    text = """\
id: 1st
processing: fastiprouter
modules: [1, 0, many]
computers: 1 1
host: kvm
size: 9000
queues: 4
rate: [fast, throughput, 99999999]
colour: red
trial: {milliseconds: 1}
search: {least: 10, most: 5, loss: none}
portmacmappings:
  portmacmapping:
    - {portid: 0, mac: "02:00:5E:00:53", switchport: 1}
"""
    assert errors(text) == [
        "e.yml:1: experiment: id is not a valid name for hosts and units, got 1st; begin with a letter, then use letters, digits and -",
        "e.yml:3: experiment: modules is outside 1..256, got 0; write one inside",
        "e.yml:3: experiment: modules is not a whole number, got many; write one from 1 to 256",
        "e.yml:4: experiment: computers has something twice, got 1; keep one",
        "e.yml:5: experiment: host is unknown, got kvm; use process or xen",
        "e.yml:6: experiment: size is outside 64..1518, got 9000; write one inside",
        "e.yml:7: experiment: queues is outside 1..1, got 4; write one inside",
        "e.yml:8: experiment: rate is no number of packets, got fast; write one, or throughput",
        "e.yml:8: experiment: rate is outside 0..10000000, got 99999999; write one inside",
        "e.yml:9: experiment: attribute is unknown, got colour; use id, processing, rate, title, modules, computers, host, module, size, flows or queues",
        "e.yml:10: trial: milliseconds is outside 10..600000, got 1; write one inside",
        "e.yml:11: search: loss is not a whole number, got none; write one from 0 to 1000000",
        "e.yml:11: search: least is above most, got 10 and 5; exchange them",
        "e.yml:14: portmacmapping 0: has 1 ports, got portids 0; write two: where packets come in, and where they leave",
        "e.yml:14: portmacmapping 0: mac is not an Ethernet address, got 02:00:5E:00:53; write six bytes as in 00:15:17:15:5D:20",
    ]


def test_a_trial_of_more_packets_than_can_be_made_beforehand_is_refused() -> None:
    text = LEAST.replace("rate: 1000", "rate: [1000000, throughput]") + "search: {most: 300000}\n"
    assert errors(text) == [
        "e.yml:3: experiment: rate makes a trial of 1000000 packets, got 1000000 for 1000 ms; have at most 200000: shorten the trials",
        "e.yml:8: search: most makes a trial of 300000 packets, got 300000 for 1000 ms; have at most 200000: shorten the trials",
    ]


def test_what_has_to_be_there_is_asked_for() -> None:
    assert errors("title: nothing\n") == [
        "e.yml:1: experiment: id is missing; add a name for it",
        "e.yml:1: experiment: processing is missing; add what to deploy: fastiprouter",
        "e.yml:1: experiment: rate is missing; add packets a second, or throughput",
        "e.yml:1: experiment: has no portmacmappings; add the ports that packets come in by and leave by",
    ]
