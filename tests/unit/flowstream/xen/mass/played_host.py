# SPDX-License-Identifier: Apache-2.0
"""A host that makes many domains, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from ansible.module_utils.flowstream.world.run import Result
from ansible.module_utils.flowstream.xen.mass.messages import HostDomain, Message

from ..played_xen import PlayedXen

NEEDED_KIB = 4096 + 768
DOMAIN = PurePosixPath("/local/domain")
FOREIGN = "dadad3bf7d8148b1946f9e94e54e51f2"


class PlayedHost:
    """domain-builder, XenStore and Open vSwitch of a host that exists in memory.

    `broken` has the cause for domains that cannot be made or destroyed, `says` the status of those that do not say that
    they run; None of one that says nothing. Domains in `silent` answer no questions.
    """

    def __init__(self) -> None:
        self.xen = PlayedXen()
        self.domains_by_id: dict[int, HostDomain] = {}
        self.nodes: dict[str, bytes] = {}
        self.free_kib = 1_000_000
        self.kernel = ""
        self.commands: list[list[str]] = []
        self.broken: dict[str, str] = {}
        self.says: dict[str, bytes | None] = {}
        self.silent: set[int] = set()
        self._next = 11

    @property
    def names(self) -> list[str]:
        return [self.name_of(number) for number in self.domains_by_id]

    def name_of(self, number: int) -> str:
        return self.nodes[f"/local/domain/{number}/name"].decode()

    # domain-builder

    def load(self, kernel: str) -> None:
        self.kernel = kernel

    def domains(self) -> tuple[list[HostDomain], int]:
        return list(self.domains_by_id.values()), self.free_kib

    def results(self, requests: Sequence[Message]) -> Iterator[Message]:
        for request in requests:
            yield self._create(request) if request.word == "create" else self._destroy(int(request["domid"]))

    def _create(self, request: Message) -> Message:
        number, name = self._next, request["name"]
        self._next += 1
        assert request["vif"].split()[0] in self.xen.ports, "its port is there before it"
        if cause := self.broken.get(name):
            return self._failed("xc_domain_create", cause, name, "")
        self.add(number, name, request["handle"])
        self.free_kib -= NEEDED_KIB
        return Message(
            "created", (("name", name), ("domid", str(number)), ("build_us", "60000"), ("plug_us", "500000"))
        )

    def _destroy(self, number: int) -> Message:
        if cause := self.broken.get(self.name_of(number)):
            return self._failed("xc_domain_destroy", cause, "", str(number))
        self.lose(number)
        return Message("destroyed", (("domid", str(number)), ("plug_us", "100000")))

    def _failed(self, call: str, cause: str, name: str, number: str) -> Message:
        return Message("failed", (("call", call), ("errno", "12"), ("cause", cause), ("name", name), ("domid", number)))

    def add(self, number: int, name: str, handle: str = FOREIGN, state: str = "running") -> None:
        home = f"/local/domain/{number}"
        self.domains_by_id[number] = HostDomain(number, state, 4096, handle)
        self.nodes[f"{home}/name"] = name.encode()
        status = self.says.get(name, b"1 running")
        if status is not None:
            self.nodes[f"{home}/data/clickos/0/status"] = status

    def lose(self, number: int) -> None:
        """As when somebody else ends it: its port stays."""
        del self.domains_by_id[number]
        self.remove([f"/local/domain/{number}"])

    # XenStore

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        return {path: self.nodes[path] for path in paths if path in self.nodes}

    def write(self, values: Mapping[str, bytes]) -> None:
        """As XenStore does, it makes the folders above; a domain answers what it is asked."""
        for path, value in values.items():
            for above in PurePosixPath(path).parents:
                if DOMAIN in above.parents:
                    self.nodes.setdefault(str(above), b"")
            self.nodes[path] = value
            folder, leaf = path.rsplit("/", 1)
            number = int(path.split("/")[3])
            if leaf == "request" and number in self.domains_by_id and number not in self.silent:
                question, _, handler = value.decode().split()
                text = f"{handler} of {number}"
                self.nodes[f"{folder}/reply"] = f"{question} ok {len(text)}\n{text}".encode()

    def remove(self, paths: Sequence[str]) -> None:
        self.nodes = {
            node: value for node, value in self.nodes.items()
            if not any(node == path or node.startswith(f"{path}/") for path in paths)
        }  # fmt: skip

    # Programs

    def run(self, argv: list[str], stdin: str = "") -> Result:
        self.commands.append(argv)
        return Result(tuple(argv), 0, "", "") if argv == ["modprobe", "xen-netback"] else self.xen.run(argv, stdin)
