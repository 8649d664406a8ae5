# SPDX-License-Identifier: Apache-2.0
"""Control of a router in a ClickOS domain through XenStore: version 1 of the protocol in docs/xenstore.md.

One client at a time asks a handler: who finds a request waits until the one who made it has read the answer and removes
it. Looking and asking is one transaction, so that of several clients that wait one gets its turn.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import ExitStack, suppress
from hashlib import sha256
from types import TracebackType
from typing import TypeVar

from ansible.module_utils.flowstream.control.clickos_messages import Answer, Generation, Question, Status, chunks
from ansible.module_utils.flowstream.control.socket import checked_name
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.store import MOST_VALUE_BYTES, Domain, Nodes, Watch, XenStore, wait_for

_NO_ROUTER = "no router"

T = TypeVar("T")


class RefusedError(FlowstreamError):
    """Click answered, and refused."""


class ClickOsControl:
    """One router of a domain; a context manager. `timeout` bounds each answer of the domain, in seconds."""

    def __init__(self, store: XenStore, domain: Domain, router: int, timeout: float) -> None:
        self._store = store
        self._domain = domain
        self._folder = f"{domain.folder}/data/clickos/{router}"
        self._timeout = timeout
        self._watches = ExitStack()
        self._seen: dict[str, Watch] = {}
        self.name = str(domain) if router == 0 else f"router {router} of {domain}"

    def __enter__(self) -> ClickOsControl:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watches.close()

    # The configuration

    def status(self) -> Status | None:
        """What the domain said last of this router; None when it has not yet said anything."""
        return Status.parse(self._read(self._store, "status"))

    def configuration(self) -> str:
        """The configuration that the router was given last; empty when there is no router."""
        # The parts are still there as a rule, and are read faster than the same in a domain's answers.
        text = self._store.transact(self._installed)
        if text is not None:
            return text.decode(errors="replace")
        try:
            return self.read("config")
        except RefusedError as error:
            if error.details["reply"] == [_NO_ROUTER]:
                return ""
            raise

    def _installed(self, nodes: Nodes) -> bytes | None:
        """The configuration that is in XenStore, if the domain says that it runs this one."""
        generation = Generation.parse(self._read(nodes, "generation"))
        status = Status.parse(self._read(nodes, "status"))
        single_value = nodes.read(f"{self._domain.folder}/clickos/config")
        if not generation or not status or status.generation != generation.number or single_value is not None:
            return None
        if status.state not in ("running", "stopped"):
            return None
        text = b""
        for number in range(len(nodes.children(f"{self._folder}/config") or ())):
            text += self._read(nodes, f"config/{number}") or b""
        text = text[: generation.length]
        return text if sha256(text).hexdigest() == generation.digest else None

    def state(self) -> str:
        """Whether the router is started, stopped or absent."""
        try:
            self.read("version")
        except RefusedError as error:
            if error.details["reply"] == [_NO_ROUTER]:
                return "absent"
            raise
        status = self.status()
        # Of a router that was refused, the one before runs on, unless it was stopped after that.
        return "stopped" if status and status.state == "stopped" else "started"

    def install(self, text: str) -> None:
        """Install or replace the router; when Click refuses the configuration, what ran before goes on running."""
        status = self._generate("install the configuration of", text.encode())
        if status.state == "error":
            raise RefusedError(
                f"cannot install the configuration of {self.name}: " + "\n".join(status.messages),
                details={"reply": list(status.messages)},
            )

    def remove(self) -> None:
        """Remove the router."""
        self._generate("remove", b"")

    def start(self) -> None:
        """Let a stopped router run again."""
        self._control("start", "started")

    def stop(self) -> None:
        """Stop the router, which keeps its state."""
        self._control("stop", "stopped")

    def _generate(self, verb: str, text: bytes) -> Status:
        """Write a new generation; what the domain says to it."""
        parts = chunks(text)

        def write(nodes: Nodes) -> int:
            if len(nodes.children(f"{self._folder}/config") or ()) > len(parts):
                nodes.remove(f"{self._folder}/config")
            for number, part in enumerate(parts):
                nodes.write(f"{self._folder}/config/{number}", part)
            # The domain remembers what it has done, also when somebody has removed the node.
            last = Generation.parse(self._read(nodes, "generation"))
            status = Status.parse(self._read(nodes, "status"))
            number = 1 + max(last.number if last else 0, status.generation if status else 0)
            generation = Generation(number, len(text), sha256(text).hexdigest())
            nodes.write(f"{self._folder}/generation", str(generation).encode())
            return number

        number = self._store.transact(write)

        def look() -> Status | None:
            status = self.status()
            return status if status and status.generation >= number else None

        status = self._wait(verb, "status", look)
        if status.generation != number:
            raise FlowstreamError(f"cannot {verb} {self.name}: somebody else did so at the same time")
        return status

    def _control(self, command: str, state: str) -> None:
        if self.state() == "absent":
            raise FlowstreamError(f"cannot {command} {self.name}: {_NO_ROUTER}")
        self._store.write(f"{self._folder}/control", command.encode())
        self._wait(command, "status", lambda: self.state() == state or None)

    # Handlers

    def read(self, handler: str, parameter: str = "") -> str:
        """Return the value of a read handler; `parameter` goes to a handler that takes one."""
        verb = f"read handler '{handler}' of"
        if "\n" in parameter:
            raise FlowstreamError(f"cannot {verb} {self.name}: the parameter has several lines")
        return self._ask(verb, f"read {checked_name(handler)} {parameter}".rstrip().encode())

    def write(self, handler: str, value: str) -> tuple[str, ...]:
        """Write a write handler. There are no messages of a write that succeeded."""
        self._ask(f"write handler '{handler}' of", f"write {checked_name(handler)}\n{value}".encode())
        return ()

    def readable(self, handler: str) -> bool:
        """Whether there is a read handler of this name."""
        return "r" in self._flags(handler)

    def writable(self, handler: str) -> bool:
        """Whether there is a write handler of this name."""
        return "w" in self._flags(handler)

    def _flags(self, handler: str) -> str:
        element, dot, name = handler.rpartition(".")
        try:
            lines = self.read(f"{element}{dot}handlers").splitlines()
        except RefusedError:
            return ""
        return dict(line.split("\t", 1) for line in lines if "\t" in line).get(name, "")

    def _ask(self, verb: str, question: bytes) -> str:
        """The whole answer to a question."""
        number = self._place(verb, question)
        whole = b""
        try:
            while True:
                answer = self._answer(verb, number)
                if not answer.ok:
                    lines = answer.text.decode(errors="replace").rstrip("\n").splitlines()
                    raise RefusedError(f"cannot {verb} {self.name}: " + "\n".join(lines), details={"reply": lines})
                whole += answer.text
                if len(whole) >= answer.length:
                    return whole.decode(errors="replace")
                if not answer.text:
                    raise FlowstreamError(f"cannot {verb} {self.name}: the answer ends after {len(whole)} bytes")
                number = self._go_on(verb, number, len(whole))
        finally:
            with suppress(FlowstreamError):  # of the answer, or of what went wrong before, there is more to say
                self._store.transact(lambda nodes: self._release(nodes, number))

    def _place(self, verb: str, words: bytes) -> str:
        """Ask when it is this client's turn; the question's number."""
        question = Question(secrets.token_hex(4), words)
        if len(bytes(question)) > MOST_VALUE_BYTES:
            raise FlowstreamError(
                f"cannot {verb} {self.name}: a request of {len(bytes(question))} bytes is over {MOST_VALUE_BYTES}"
            )
        before = self._read(self._store, "request")

        def place(nodes: Nodes, abandoned: bytes | None = None) -> bool | None:
            if self._read(nodes, "request") not in (None, abandoned):
                return None
            nodes.write(f"{self._folder}/request", bytes(question))
            return True

        # A client that died while it waited must not keep everybody else out: the domain answers at once, or never.
        placed = self._until(verb, "request", lambda: self._store.transact(place))
        if not placed and not self._store.transact(lambda nodes: place(nodes, abandoned=before)):
            raise FlowstreamError(f"cannot {verb} {self.name}: other clients kept it busy for {self._timeout:g} s")
        return question.number

    def _go_on(self, verb: str, number: str, offset: int) -> str:
        """Ask for the rest of the answer to the question `number`, which has to be the last one."""
        question = Question(secrets.token_hex(4), f"more {offset}".encode())

        def place(nodes: Nodes) -> bool:
            if not self._holds(nodes, number):
                return False
            nodes.write(f"{self._folder}/request", bytes(question))
            return True

        if not self._store.transact(place):
            raise FlowstreamError(f"cannot {verb} {self.name}: another client did not wait for the rest of the answer")
        return question.number

    def _release(self, nodes: Nodes, number: str) -> None:
        if self._holds(nodes, number):
            nodes.remove(f"{self._folder}/request")

    def _holds(self, nodes: Nodes, number: str) -> bool:
        """Whether the question of that number is the last one."""
        last = Question.parse(self._read(nodes, "request"))
        return last is not None and last.number == number

    def _answer(self, verb: str, number: str) -> Answer:
        def look() -> Answer | None:
            answer = Answer.parse(self._read(self._store, "reply"))
            return answer if answer and answer.number == number else None

        return self._wait(verb, "reply", look)

    # Nodes

    def _read(self, nodes: Nodes, node: str) -> bytes | None:
        return nodes.read(f"{self._folder}/{node}")

    def _wait(self, verb: str, node: str, look: Callable[[], T | None]) -> T:
        found = self._until(verb, node, look)
        if found is None:
            panic = self._store.read(f"{self._domain.folder}/data/clickos/panic")
            cause = f"no answer in {self._timeout:g} s"
            if panic is not None:
                cause = f"the domain has ended itself: {panic.decode(errors='replace')}"
            raise FlowstreamError(f"cannot {verb} {self.name}: {cause}")
        return found

    def _until(self, verb: str, node: str, look: Callable[[], T | None]) -> T | None:
        """What `look` finds after changes of a node, in time; a domain that has ended will not change it any more."""

        def look_at_living() -> T | None:
            found = look()
            if found is None and self._store.read(self._domain.folder) is None:
                raise FlowstreamError(f"cannot {verb} {self.name}: the domain has ended")
            return found

        if node not in self._seen:
            self._seen[node] = self._watches.enter_context(self._store.watch(f"{self._folder}/{node}"))
        return wait_for(self._seen[node], look_at_living, self._timeout)


def converge_router(control: ClickOsControl, state: str, check_mode: bool) -> dict[str, object]:
    """Make the router started, stopped or absent; return a module's result."""
    before = control.state()
    verb, act = {
        "started": ("start", control.start),
        "stopped": ("stop", control.stop),
        "absent": ("remove", control.remove),
    }[state]
    if before == "absent" != state:
        raise FlowstreamError(f"cannot {verb} {control.name}: {_NO_ROUTER}; install one with click_config")
    if before != state and not check_mode:
        act()
    return {
        "changed": before != state,
        "changes": [f"{verb} {control.name}"] if before != state else [],
        "diff": {"before": f"{before}\n", "after": f"{state}\n"},
    }
