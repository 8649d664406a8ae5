# SPDX-License-Identifier: Apache-2.0
"""Send packets from one interface and count them at another, with an engine at each; and look at what hosts take for it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.control.program import connect_to_started
from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments import load
from ansible.module_utils.flowstream.experiments.description import Search, Trial
from ansible.module_utils.flowstream.experiments.latency import delays
from ansible.module_utils.flowstream.experiments.result import Tried, kept
from ansible.module_utils.flowstream.experiments.throughput import Outcome, highest_rate, patient
from ansible.module_utils.flowstream.experiments.usage import UNITS
from ansible.module_utils.flowstream.world.run import Run, checked

_START_SECONDS = 10.0
_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 2.0
_SLACK_SECONDS = 30.0
"""What a starved generator may take longer than a trial."""
_WARMING_RATE = 200
_WARMINGS = 3


@dataclass(frozen=True, slots=True)
class Plug:
    """An interface, and the network namespace that it is in; empty for the machine's own."""

    interface: str
    namespace: str = ""

    def argv(self, *argv: str) -> list[str]:
        """Have a program run where the interface is."""
        return ["ip", "netns", "exec", self.namespace, *argv] if self.namespace else list(argv)


@dataclass(slots=True)
class Bench:
    """Two plugs on this machine, and what is sent from one to the other. `folder` is for what a trial leaves."""

    click: Path
    source: Plug
    sink: Plug
    load: load.Load
    trial: Trial
    folder: Path
    number: int
    """Of the next trial: it marks its packets."""

    def warm(self) -> None:
        """Have caches filled and neighbours known; FlowstreamError when nothing at all comes through."""
        for _ in range(_WARMINGS):
            packets = max(20, self.load.flows)
            if self._send(_WARMING_RATE, packets).outcome.received:
                return
        raise FlowstreamError(
            f"cannot measure: of {packets} packets that left {self.source.interface} none came to {self.sink.interface};"
            " look where they are lost with playbooks/trace.yml"
        )

    def attempt(self, rate: int) -> Tried:
        """Try a rate."""
        return self._send(rate, self.trial.packets(rate))

    def _send(self, rate: int, packets: int) -> Tried:
        trial, self.number = self.number, (self.number + 1) & 0xFFFFFFFF
        shift = load.sampling(packets, self.trial.samples)
        frames, left, came = (self.folder / name for name in ("frames.pcap", "left.pcap", "came.pcap"))
        frames.write_bytes(self.load.file(trial, packets, rate, shift))
        with self._counting(load.receiver(self.sink.interface, str(came), trial, shift)) as control:
            sending = load.sender(self.source.interface, str(frames), str(left), trial, shift)
            sent, achieved, dropped = self._sent(sending, packets / rate)
            received = self._received(control, sent)
            control.write("times.flush", "")
            times = load.times_of(came.read_bytes())
        if dropped:  # the generator's own queue was full: it did not keep its rate
            achieved = min(achieved, rate * (1 - dropped / packets) * 0.9)
        return Tried(
            Outcome(rate, achieved if sent > 1 else rate, sent, received),
            tuple(delays(load.times_of(left.read_bytes()), times)),
        )

    @contextmanager
    def _counting(self, configuration: str) -> Iterator[ControlSocket]:
        door = self.folder / "receiver.sock"
        argv = self.sink.argv(str(self.click), "-e", configuration, "-u", str(door))
        with _running(argv) as process:
            control = connect_to_started(
                Address(str(door)), lambda: process.poll() is None, _START_SECONDS, _ANSWER_SECONDS
            )
            if control is None:
                raise FlowstreamError(f"cannot count packets at {self.sink.interface}: {_said(process)}")
            with control:
                yield control
        door.unlink(missing_ok=True)

    def _sent(self, configuration: str, seconds: float) -> tuple[int, float, int]:
        """How many left, at how many a second, and how many the generator had no room for."""
        with _running(self.source.argv(str(self.click), "-e", configuration)) as process:
            try:
                text, _ = process.communicate(timeout=seconds * 2 + _SLACK_SECONDS)
            except subprocess.TimeoutExpired:
                raise FlowstreamError(
                    f"cannot send from {self.source.interface}: not done after {seconds * 2 + _SLACK_SECONDS:g} s"
                ) from None
            words = text.split()
            if process.returncode != 0 or len(words) != 3:
                cause = text.strip().splitlines()[-1:] or ["the engine said nothing"]
                raise FlowstreamError(f"cannot send from {self.source.interface}: {cause[0]}")
        return int(words[0]), float(words[1]), int(words[2])

    def _received(self, control: ControlSocket, sent: int) -> int:
        """How many came, when all have or late ones had their time."""
        end = time.monotonic() + self.trial.settle / 1000
        while (received := int(control.read("came.count"))) < sent and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
        return received


@contextmanager
def _running(argv: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program that does not outlive the block."""
    try:
        process = subprocess.Popen(
            argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True
        )
    except OSError as error:
        raise FlowstreamError(f"cannot run {argv[0]}: {error.strerror}") from None
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _said(process: subprocess.Popen[str]) -> str:
    process.kill()
    text, _ = process.communicate()
    return (text.strip().splitlines() or ["the engine said nothing"])[-1]


def measure(bench: Bench, rate: int | None, search: Search) -> dict[str, Any]:
    """Try a rate, or look for the highest, and return what is to be kept of it."""
    if rate == 0:
        time.sleep(bench.trial.milliseconds / 1000)
        return kept([])
    bench.warm()
    tried: list[Tried] = []

    def attempt(rate: int) -> Outcome:
        tried.append(bench.attempt(rate))
        return tried[-1].outcome

    found = None
    if rate is not None:
        attempt(rate)
    elif found := highest_rate(search, patient(attempt, search, bench.trial.tries)):
        attempt(found.rate)  # delays are those of a trial of its own at that rate (RFC 2544, 26.2)
    return kept(tried, searched=rate is None, found=found)


def observe_usage(run: Run, processes: Path = Path("/proc")) -> dict[str, Any]:
    """Read what each unit has taken so far. It does not ask for the units' own accounts, which not every kernel keeps."""
    text = checked(run, ["systemctl", "show", "--property=Id,MainPID", *UNITS], "read the processes of the units")
    units: dict[str, dict[str, int]] = {}
    for block in text.strip().split("\n\n"):
        pairs = dict(line.partition("=")[::2] for line in block.splitlines())
        if pairs.get("MainPID", "0") != "0" and (taken := _taken(processes / pairs["MainPID"])):
            units[pairs["Id"]] = taken
    return {"at": time.clock_gettime(time.CLOCK_BOOTTIME), "units": units}


def _taken(process: Path) -> dict[str, int] | None:
    """Of a process with all of its threads; None when it has ended meanwhile (proc(5))."""
    try:
        processor = sum(int(one.read_text().split()[0]) for one in process.glob("task/*/schedstat"))
        status = dict(line.partition(":")[::2] for line in (process / "status").read_text().splitlines())
    except (FileNotFoundError, ProcessLookupError):
        return None
    return {"processor_ns": processor, "memory_bytes": int(status.get("VmRSS", "0").split()[0]) * 1024}
