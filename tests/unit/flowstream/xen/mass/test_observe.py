# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.flowstream.xen.mass.observe import read_mass
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate

from .played_host import PlayedHost

TEMPLATE = DomainTemplate("d{number}", 1, 3, "/kernel", "pv", 4096)


@pytest.fixture
def host() -> PlayedHost:
    """A host with d1 and d2, and one that is nobody's of the template."""
    host = PlayedHost()
    for number, name in ((11, "d1"), (12, "d2"), (13, "other")):
        host.add(number, name)
    return host


def read(host: PlayedHost, handler: str = "c.count") -> dict[str, Any]:
    played: Any = host
    return read_mass(played, played, TEMPLATE, handler, timeout=0)


def test_all_domains_of_the_template_are_asked_and_nothing_of_it_stays(host: PlayedHost) -> None:
    found = read(host)
    assert (found["running"], found["missing"], found["answered"], found["silent"]) == (2, "3", 2, "")
    assert found["values"] == {"c.count of 11": 1, "c.count of 12": 1}
    assert not [path for path in host.nodes if path.endswith("/request")]


def test_without_a_handler_domains_are_only_counted(host: PlayedHost) -> None:
    before = dict(host.nodes)
    found = read(host, "")
    assert (found["running"], found["answered"], found["values"]) == (2, 0, {})
    assert host.nodes == before


def test_one_that_does_not_answer_is_named_and_keeps_its_folder(host: PlayedHost) -> None:
    host.silent = {12}
    found = read(host)
    assert (found["answered"], found["silent"]) == (1, "2")
    assert host.nodes["/local/domain/12/name"] == b"d2"


def test_one_that_ends_before_it_is_asked_leaves_no_folder(host: PlayedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    write = host.write

    def ended(values: dict[str, bytes]) -> None:
        host.lose(12)
        write(values)

    monkeypatch.setattr(host, "write", ended)
    assert read(host)["silent"] == "2"
    assert not [path for path in host.nodes if path.startswith("/local/domain/12")]
