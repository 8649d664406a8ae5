# SPDX-License-Identifier: Apache-2.0
"""A Xen host that exists in memory: a toolstack, and an Open vSwitch that answers ovs-vsctl by its words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import Result
from ansible.module_utils.flowstream.xen.domain import Domain
from ansible.module_utils.flowstream.xen.toolstack import KnownDomain


@dataclass
class Port:
    bridge: str
    tag: int | None = None
    request: int | None = None
    ids: dict[str, str] = field(default_factory=dict)


class PlayedXen:
    """`calls` are the toolstack's; `stolen` are OpenFlow numbers that the bridge does not give away.

    Every file is there but the `missing` ones.
    """

    name = "played"

    def __init__(self) -> None:
        self.known: dict[str, KnownDomain] = {}
        self.ports: dict[str, Port] = {}
        self.calls: list[str] = []
        self.stolen: set[int] = set()
        self.missing: set[str] = set()
        self._number = 0

    # The toolstack

    def domains(self, names: Sequence[str] | None = None) -> Mapping[str, KnownDomain]:
        return {name: one for name, one in sorted(self.known.items()) if names is None or name in names}

    def define(self, domain: Domain) -> None:
        self.calls.append(f"define {domain.name}")
        old = self.known.get(domain.name, KnownDomain(domain.name, None, None, "stopped", 0, False))
        self.known[domain.name] = replace(old, defined=domain)

    def start(self, name: str, paused: bool) -> None:
        self.calls.append(f"start {name}" + (" paused" if paused else ""))
        self._number += 1
        one = self.known[name]
        if one.state != "stopped":
            raise FlowstreamError(f"cannot start domain {name}: it runs already")
        self.known[name] = replace(
            one, running=one.defined, state="paused" if paused else "running", number=self._number
        )

    def pause(self, name: str) -> None:
        self._become(name, "pause", "paused")

    def resume(self, name: str) -> None:
        self._become(name, "resume", "running")

    def destroy(self, name: str) -> None:
        self.calls.append(f"destroy {name}")
        self.known[name] = replace(self.known[name], running=None, state="stopped", number=0)

    def undefine(self, name: str) -> None:
        self.calls.append(f"undefine {name}")
        del self.known[name]

    def autostart(self, name: str, enabled: bool) -> None:
        self.calls.append(f"autostart {name} {enabled}")
        self.known[name] = replace(self.known[name], autostart=enabled)

    def _become(self, name: str, verb: str, state: str) -> None:
        self.calls.append(f"{verb} {name}")
        self.known[name] = replace(self.known[name], state=state)

    # Files, and Open vSwitch

    def run(self, argv: list[str], stdin: str = "") -> Result:
        if argv[:2] == ["test", "-f"]:
            return Result(tuple(argv), int(argv[2] in self.missing), "", "")
        assert argv[0] == "ovs-vsctl"
        words = [word for word in argv[1:] if not word.startswith(("--timeout", "--no-wait", "--format"))]
        if "list" in words:
            return Result(tuple(argv), 0, json.dumps(self._table(words[-1])), "")
        for command in " ".join(words).split(" -- "):
            self._change([word for word in command.split() if not word.startswith("--")])
        return Result(tuple(argv), 0, "", "")

    def _change(self, words: list[str]) -> None:
        match words:
            case ["add-port", bridge, device]:
                self.ports.setdefault(device, Port(bridge))
            case ["del-port", device]:
                self.ports.pop(device, None)
            case ["set", "Port", device, tag]:
                self.ports[device].tag = int(tag.removeprefix("tag="))
            case ["clear", "Port", device, "tag"]:
                self.ports[device].tag = None
            case ["clear", "Interface", device, "external_ids", "ofport_request"]:
                self.ports[device].ids, self.ports[device].request = {}, None
            case ["set", "Interface", device, *settings]:
                for setting in settings:
                    key, value = setting.split("=")
                    if key == "ofport_request":
                        self.ports[device].request = int(value)
                    else:
                        self.ports[device].ids[key.removeprefix("external_ids:")] = value
            case _:
                raise AssertionError(words)

    def given(self, device: str) -> int:
        """The number that the bridge gave, -1 as long as no domain's interface has the port's name."""
        present = any(vif.device == device for one in self.known.values() if one.running for vif in one.running.vifs)
        request = self.ports[device].request
        if not present:
            return -1
        return request if request is not None and request not in self.stolen else 9

    def _table(self, table: str) -> dict[str, Any]:
        def optional(value: int | None) -> Any:
            return ["set", []] if value is None else value

        if table == "Interface":
            return {
                "headings": ["name", "ofport", "ofport_request", "external_ids"],
                "data": [
                    [name, self.given(name), optional(port.request), ["map", sorted(map(list, port.ids.items()))]]
                    for name, port in self.ports.items()
                ],
            }
        if table == "Port":
            rows = [[["uuid", f"u-{name}"], name, optional(port.tag)] for name, port in self.ports.items()]
            return {"headings": ["_uuid", "name", "tag"], "data": rows}
        bridges: dict[str, list[Any]] = {}
        for name, port in self.ports.items():
            bridges.setdefault(port.bridge, []).append(["uuid", f"u-{name}"])
        rows = [[name, uuids[0] if len(uuids) == 1 else ["set", uuids]] for name, uuids in bridges.items()]
        return {"headings": ["name", "ports"], "data": rows}
