# SPDX-License-Identifier: Apache-2.0
"""Make and destroy many domains through domain-builder: in batches, and no faster than the host takes them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.control.clickos_messages import Status
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked
from ansible.module_utils.flowstream.xen.connection import open_toolstack
from ansible.module_utils.flowstream.xen.converge import converge_domain
from ansible.module_utils.flowstream.xen.domain import paging_kib
from ansible.module_utils.flowstream.xen.mass.builder import DomainBuilder
from ansible.module_utils.flowstream.xen.mass.messages import Message, creation
from ansible.module_utils.flowstream.xen.mass.observe import observe_mass
from ansible.module_utils.flowstream.xen.mass.steps import MassPlan, MassResult, pace, plan, prediction
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate
from ansible.module_utils.flowstream.xen.observe import observe_ports
from ansible.module_utils.flowstream.xen.steps import OVS_VSCTL, DomainPort, WantedDomain, plug_words, unplug_words
from ansible.module_utils.flowstream.xen.toolstack import URI, Toolstack
from ansible.module_utils.flowstream.xenstore.pipeline import XenStorePipeline
from ansible.module_utils.flowstream.xenstore.store import DOMAINS

METHODS = ("auto", "libxenctrl", "libvirt", "xl")
MOST_BY_TOOLSTACK = 16
_POLL_SECONDS = 0.5
_ASKED = 8
_SWITCH_PID = Path("/run/openvswitch/ovs-vswitchd.pid")
_PATIENT = 19
_OVERHEAD_KIB = 768
"""What the hypervisor needs for a domain beside its memory, measured as PV with one interface."""


@dataclass(frozen=True)
class Pace:
    """How fast to go: domains a batch, memory in KiB that stays free, seconds that a batch may take to answer.

    With `ready` all have to answer in the end; `progress` is the file that says how far it is.
    """

    batch: int
    reserve_kib: int
    timeout: float
    ready: bool
    progress: Path


@dataclass
class Progress:
    """A file that says how far it is, a line a batch, for whoever waits: `tail -f`."""

    path: Path
    whole: int
    started: float = field(default_factory=time.monotonic)

    def begin(self, line: str) -> None:
        """Say what is to be done; earlier runs are forgotten."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("")
        self.say(line)

    def say(self, line: str) -> None:
        """Write a line, with the time."""
        with self.path.open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {line}\n")

    def advance(self, verb: str, done: int, more: str) -> None:
        """Say how far it is."""
        self.say(f"{verb} {pace(done, self.whole, time.monotonic() - self.started)}; {more}")


def converge_mass(
    builder: DomainBuilder, store: XenStorePipeline, run: Run, template: DomainTemplate, state: str, restart: bool,
    at: Pace, check_mode: bool,
) -> dict[str, Any]:  # fmt: skip
    """Have the domains of a template, or none of them; return a module's result."""
    started = time.monotonic()
    seen, _ = observe_mass(builder, store, template)
    todo = plan(template, seen, state, restart)
    if todo.destroy or state == "absent":
        todo = todo.unplugging(template, state, _ports(run))
    result = prediction(template, seen, todo, state)
    if result.changes and not check_mode:
        progress = Progress(at.progress, len(todo.create) + len(todo.destroy))
        _Mass(builder, store, run, template, at, progress, result).carry_out(todo)
    return result.to_dict(time.monotonic() - started)


def _ports(run: Run) -> list[DomainPort]:
    """The ports of all domains; a host without Open vSwitch has none."""
    try:
        return observe_ports(run)
    except NotInstalledError:
        return []


def converge_domains(
    run: Run, template: DomainTemplate, state: str, restart: bool, at: Pace, method: str, program: str, check_mode: bool
) -> dict[str, Any]:
    """As `converge_mass`, with what makes the domains chosen and opened."""
    if method == "auto":
        method = "libxenctrl" if template.configuration or template.count > MOST_BY_TOOLSTACK else "toolstack"
    if method == "libxenctrl":
        if check_mode and not Path(program).exists():
            # A first run: who has no builder has made no domains with it.
            return prediction(template, (), plan(template, (), state, restart), state).to_dict(0.0)
        with DomainBuilder(program) as builder, XenStorePipeline(at.timeout) as store, patient_switch():
            return converge_mass(builder, store, run, template, state, restart, at, check_mode)
    if template.configuration:
        raise FlowstreamError(f"domains {template.name}: only method libxenctrl takes a configuration, got {method}")
    open_host = cache(lambda: open_toolstack("auto" if method == "toolstack" else method, URI, run))
    return _one_by_one(open_host, run, template, state, restart, at, check_mode)


def _one_by_one(
    open_host: Callable[[], Toolstack], run: Run, template: DomainTemplate, state: str, restart: bool, at: Pace,
    check_mode: bool,
) -> dict[str, Any]:  # fmt: skip
    """Few domains, by the host's toolstack, as module xen_domain makes them."""
    started = time.monotonic()
    result = MassResult()
    for number in template.numbers:
        domain = template.domain(number)
        want = WantedDomain(domain, "running", None, restart) if state == "present" else domain.name
        one = converge_domain(open_host, run, want, at.timeout, check_mode)
        result.changes += one["changes"]
        done = int(one["changed"] and not check_mode)
        if state == "present":
            result.created += done
        else:
            result.destroyed += done
    result.after = "".join(f"{change}\n" for change in result.changes)
    return result.to_dict(time.monotonic() - started)


@contextmanager
def patient_switch() -> Iterator[None]:
    """Let Open vSwitch look at new interfaces when there is time.

    Whenever an interface comes, changes or goes, ovs-vswitchd goes through all ports that it has: a thousand domains would
    cost it a million ports. With less of the processor it looks less often, and sees more at a time. Only its main thread
    waits: those that forward packets go on as they were.
    """
    try:
        main = int(_SWITCH_PID.read_text())
        before = os.getpriority(os.PRIO_PROCESS, main)
    except (OSError, ValueError):
        yield
        return
    os.setpriority(os.PRIO_PROCESS, main, _PATIENT)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, main, before)


class _Mass:
    """One run; what it has done is in `result` at any time."""

    def __init__(
        self, builder: DomainBuilder, store: XenStorePipeline, run: Run, template: DomainTemplate, at: Pace,
        progress: Progress, result: MassResult,
    ) -> None:  # fmt: skip
        self._builder, self._store, self._run, self._template = builder, store, run, template
        self._at, self._progress, self._result = at, progress, result
        self._silent: set[int] = set()

    def carry_out(self, todo: MassPlan) -> None:
        """Destroy, then create."""
        self._progress.begin("; ".join(todo.lines(self._template)))
        self._destroy(todo)
        if todo.create:
            self._builder.load(self._template.kernel)
            if self._template.vifs:
                # Else udev loads it for the first interface, when it comes to that.
                checked(self._run, ["modprobe", "xen-netback"], "load the back end of network interfaces")
        for start in range(0, len(todo.create), self._at.batch):
            batch = todo.create[start : start + self._at.batch]
            self._check_memory(batch)
            self._plug(batch)
            self._create(batch)
            self._await_answers(self._at.batch)
            self._progress.advance("created", self._result.created, f"{len(self._silent)} do not answer yet")
        if self._at.ready:
            self._await_answers(0)

    def _destroy(self, todo: MassPlan) -> None:
        # Ports first, many in a transaction: else Open vSwitch looks for each interface that goes.
        for start in range(0, len(todo.unplug), self._at.batch):
            ports = todo.unplug[start : start + self._at.batch]
            words = [word for port in ports for word in unplug_words(port.device)]
            checked(self._run, [*OVS_VSCTL, *words], "remove the ports of the domains")
        requests = [Message("destroy", (("domid", str(number)),)) for number in todo.destroy]
        for answer in self._results("destroy", requests, todo.destroy):
            self._result.destroyed += 1
            if self._result.destroyed % self._at.batch == 0:
                self._progress.advance("destroyed", self._result.destroyed, f"domain {answer['domid']} was the last")

    def _check_memory(self, batch: Sequence[int]) -> None:
        _, free_kib = self._builder.domains()
        each = self._template.memory_kib + _OVERHEAD_KIB + paging_kib(self._template.kind, self._template.memory_kib)
        needed = len(batch) * each + self._at.reserve_kib
        if free_kib < needed:
            name = self._template.name_of(batch[0])
            raise self._stopped(
                f"cannot create domain {name}: {free_kib} KiB of the host's memory are free, the next {len(batch)} domains and "
                f"the reserve need {needed}; give the host more memory, dom0 less, or lower count"
            )

    def _plug(self, batch: Sequence[int]) -> None:
        """Ports before interfaces, many in a transaction: Open vSwitch takes each interface as soon as it is there."""
        domains = [self._template.domain(number) for number in batch]
        words = [word for domain in domains for vif in domain.vifs for word in plug_words(domain, vif)]
        if words:
            checked(self._run, [*OVS_VSCTL, *words], "prepare the ports of the domains")

    def _create(self, batch: Sequence[int]) -> None:
        for answer in self._results("create", [creation(self._template, number) for number in batch], {}):
            self._result.created += 1
            self._silent.add(int(answer["domid"]))

    def _results(self, verb: str, requests: Sequence[Message], names: Mapping[int, str]) -> Iterator[Message]:
        """What was done. The first that failed is an error when the others have been done, too."""
        failed = None
        for answer in self._builder.results(requests):
            if answer.word == "failed":
                failed = failed or answer
                continue
            self._result.note(answer.microseconds)
            yield answer
        if failed:
            number = int(failed["domid"] or 0)
            raise self._stopped(
                f"cannot {verb} domain {failed['name'] or names[number]}: {failed['call']}: {failed['cause']}",
                call=failed["call"], errno=int(failed["errno"]), domid=number,
            )  # fmt: skip

    def _await_answers(self, most: int) -> None:
        """Wait until at most so many of the domains that were made have not yet said that they run."""
        deadline = time.monotonic() + self._at.timeout
        while self._silent:
            answered = self._look()
            if len(self._silent) <= most:
                return
            if answered:
                continue
            if time.monotonic() > deadline:
                raise self._stopped(
                    f"cannot create more domains: {len(self._silent)} do not answer after {self._at.timeout:g} s, "
                    f"the first is domain {min(self._silent)}"
                )
            time.sleep(_POLL_SECONDS)

    def _look(self) -> bool:
        """Whether another domain has answered, of those that were made first.

        Each question costs oxenstored a look at the rings of all domains, so that those made last are not asked yet.
        """
        before = len(self._silent)
        asked = sorted(self._silent)[:_ASKED]
        values = self._store.read([f"{DOMAINS}/{number}/data/clickos/0/status" for number in asked])
        for path, value in values.items():
            status = Status.parse(value)
            number = int(path.split("/")[3])
            if status and status.state == "error":
                raise self._stopped(f"cannot start the router of domain {number}: {'; '.join(status.messages)}")
            if status:
                self._silent.discard(number)
        return len(self._silent) < before

    def _stopped(self, text: str, **details: object) -> FlowstreamError:
        """What was made stays: the next run goes on from there."""
        self._progress.say(text)
        done = {"created": self._result.created, "destroyed": self._result.destroyed}
        return FlowstreamError(text, details={**done, **details})
