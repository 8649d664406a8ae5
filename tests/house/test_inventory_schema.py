# SPDX-License-Identifier: Apache-2.0
"""The schema by which editors complete and check inventories."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource

ROOT = Path(__file__).parents[2]
INVENTORY, VARIABLES = (
    json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text()) for name in ("inventory", "variables")
)
REGISTRY: Registry[Any] = Registry().with_resource("variables.schema.json", Resource.from_contents(VARIABLES))
INVENTORIES = sorted((ROOT / "inventory").glob("*/*.yml"))
OF_GROUPS = sorted((ROOT / "inventory").glob("**/group_vars/**/*.yml"))


def faults(text: str, schema: dict[str, Any] = INVENTORY) -> list[str]:
    """The places that do not fit, from the innermost cause."""
    found = Draft7Validator(schema, registry=REGISTRY).iter_errors(yaml.safe_load(text))
    return sorted("/".join(map(str, error.absolute_path)) for error in found)


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_inventories_of_this_tree_fit(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize("path", OF_GROUPS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_variables_of_their_groups_fit(path: Path) -> None:
    assert faults(path.read_text(), VARIABLES) == []


@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ("module_host_driver: docker", "module_host_driver"),
        ("module_host_switchport: 23", ""),
        ("module_host_switch_port: twelve", "module_host_switch_port"),
        ("module_host_capacity: {pms: 4, memory_mib: plenty}", "module_host_capacity"),
        ("module_host_capacity: {pms: 4, memory_mib: 64, vcpus: 1, cores: 2}", "module_host_capacity"),
        ("flow_switch_connection: telnet", "flow_switch_connection"),
        ("platform_ports: {'0': {address: 192.0.2.1/24}}", "platform_ports"),
        ("platform_tenants: {acme: {modules: many}}", "platform_tenants"),
        ("endpoint_addresses: 192.0.2.1", "endpoint_addresses"),
    ],
)
def test_what_does_not_fit_is_found_at_its_place(variables: str, fault: str) -> None:
    """A variable that may not be there at all is found at the host."""
    inventory = f"all: {{children: {{module_hosts: {{hosts: {{mh1: {{{variables}}}}}}}}}}}"
    assert faults(inventory) == ["/".join(["all", "children", "module_hosts", "hosts", "mh1", *filter(None, [fault])])]


@pytest.mark.parametrize(
    "variables",
    [
        "module_host_driver: xen",
        "module_host_switch_port: '{{ 20 + number }}'",
        "module_host_capacity: '{{ capacities[inventory_hostname] }}'",
        "module_host_capacity: {pms: 4}",
        "flow_switch_ssh_password: $ANSIBLE_VAULT;1.1;AES256",
        "platform_tenants: {acme: {modules: 10, switchports: [1, sw2/2], types: [fastiprouter]}, operator: {}}",
        "ansible_host: 192.0.2.21, rack: 4",
    ],
)
def test_templates_vaults_and_variables_of_others_fit(variables: str) -> None:
    assert faults(f"module_hosts: {{hosts: {{mh1: {{{variables}}}}}}}") == []


def test_every_variable_of_the_page_is_known_to_it() -> None:
    page = (ROOT / "docs" / "platform.md").read_text()
    named = set(re.findall(r"^\| `((?:flow_switch|module_host|device|endpoint|platform)_\w+)`", page, re.MULTILINE))
    assert len(named) > 20
    assert named <= set(VARIABLES["properties"])
