# SPDX-License-Identifier: Apache-2.0
"""What a Xen host has of domains: what its toolstack knows, and their ports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible.module_utils.flowstream.openvswitch.observe import read_table
from ansible.module_utils.flowstream.openvswitch.tags import ALLOCATION_TAG, DOMAIN_TAG
from ansible.module_utils.flowstream.world.run import Run
from ansible.module_utils.flowstream.xen.steps import DomainPort, SeenDomain
from ansible.module_utils.flowstream.xen.toolstack import Toolstack


def observe_domains(toolstack: Toolstack, run: Run, names: Sequence[str] | None = None) -> dict[str, SeenDomain]:
    """All that this host has of the named domains, or of all (None), by name."""
    known = toolstack.domains(names)
    ports: dict[str, dict[str, DomainPort]] = {}
    for port in observe_ports(run):
        ports.setdefault(port.domain, {})[port.device] = port
    found = sorted({*known, *ports})
    return {
        name: SeenDomain(name, known.get(name), ports.get(name, {})) for name in found if names is None or name in names
    }


def observe_ports(run: Run) -> list[DomainPort]:
    """The ports of this host's Open vSwitch that are tagged as a domain's, on any bridge."""
    interfaces = _rows(run, "Interface", "name,ofport,ofport_request,external_ids")
    tagged = [row for row in interfaces if DOMAIN_TAG in row["external_ids"]]
    if not tagged:
        return []
    ports = {row["name"]: row for row in _rows(run, "Port", "_uuid,name,tag")}
    bridges = {
        uuid: bridge["name"] for bridge in _rows(run, "Bridge", "name,ports") for uuid in _uuids(bridge["ports"])
    }
    found = [_port(row, ports[row["name"]], bridges) for row in tagged if row["name"] in ports]
    return sorted(found, key=lambda port: port.device)


def _port(interface: dict[str, Any], port: dict[str, Any], bridges: dict[str, str]) -> DomainPort:
    tags = interface["external_ids"]
    return DomainPort(
        device=interface["name"],
        bridge=bridges.get(port["_uuid"][1], ""),
        domain=tags[DOMAIN_TAG],
        allocation=tags.get(ALLOCATION_TAG),
        requested=_number(interface["ofport_request"]),
        ofport=_number(interface["ofport"]),
        vlan=_number(port["tag"]),
    )


def _rows(run: Run, table: str, columns: str) -> list[dict[str, Any]]:
    return read_table(run, [f"--columns={columns}", "list", table], "read the ports of Open vSwitch")


def _uuids(value: list[Any]) -> list[str]:
    """The members of a set of rows, which is spelled without brackets when it has one (RFC 7047, section 5.1)."""
    return [value[1]] if value[:1] == ["uuid"] else [uuid for _, uuid in value]


def _number(value: Any) -> int | None:
    """A number, None for an empty set and for -1, by which Open vSwitch says that there is none."""
    return value if isinstance(value, int) and value > 0 else None


def describe_domain(seen: SeenDomain) -> dict[str, Any]:
    """One domain as a report shows it."""
    known = seen.known
    definition = known and (known.defined or known.running)
    return {
        "name": seen.name,
        "state": seen.state,
        "id": known.number if known else 0,
        "autostart": known.autostart if known else False,
        "allocation": seen.allocation,
        "definition": definition.to_dict() if definition else None,
        "ports": [
            {"device": port.device, "bridge": port.bridge, "ofport": port.ofport, "vlan": port.vlan}
            for _, port in sorted((seen.ports or {}).items())
        ],
    }
