# SPDX-License-Identifier: Apache-2.0
"""One packet through a module's configuration in the real engine, on the control node, in simulated time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ansible.module_utils.flowstream.control.associations import Gateway
from ansible.module_utils.flowstream.control.flat import Connection
from ansible.module_utils.flowstream.control.keys import Association
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.plan.plan import PlannedPm
from ansible.module_utils.flowstream.trace.instrument import (
    ANSWERED_AT,
    DEVICES,
    NEIGHBOUR,
    SENT_AT,
    START,
    Passage,
    elements_of,
    instrumented,
    passed,
)
from ansible.module_utils.flowstream.trace.packet import SEALED, SEALING_SPI
from ansible.module_utils.flowstream.trace.pcap import frames_of, written
from ansible.module_utils.flowstream.traffic.neighbours import answered, asked_for
from ansible.module_utils.flowstream.world.run import Result, Run

_KEY = bytes(20).hex()
"""AES-GCM's of 128 bits with its salt (RFC 4106 8.1), for a gateway that nothing but a trace goes through."""


class Engine:
    """Runs the configurations of modules; `folder` is its own. A gateway encrypts with a key that everybody knows."""

    def __init__(self, run: Run, click: Path, folder: Path, marks: Sequence[bytes]) -> None:
        self._run = run
        self._click = click
        self._folder = folder
        self._marks = (*marks, SEALED)
        self._prepared: dict[str, tuple[Path, list[Connection]]] = {}
        self._asked_anyway: dict[str, set[str]] = {}

    def passage(self, pm: PlannedPm, interface: str, frame: bytes) -> Passage:
        """Let a frame into a module by one of its interfaces.

        A module that has to ask where a packet goes next is asked twice: the second time it gets an answer. Whom it asks for
        without the packet too is not said to be asked for because of it.
        """
        first = self._once(pm, interface, frame, ())
        questions = tuple((by, question) for by, question in first.sent if asked_for(question))
        whole = self._once(pm, interface, frame, questions) if questions else first
        sent = tuple((by, out) for by, out in whole.sent if any(mark in out for mark in self._marks))
        asked = _asked(questions)
        anyway = self._anyway(pm) if asked else set()
        return Passage(whole.elements, sent, tuple(address for address in asked if address not in anyway))

    def _anyway(self, pm: PlannedPm) -> set[str]:
        """Whom a module asks for by itself: one that sends packets of its own."""
        if pm.name not in self._asked_anyway:
            self._asked_anyway[pm.name] = set(_asked(self._once(pm, "", b"", ()).sent))
        return self._asked_anyway[pm.name]

    def _once(self, pm: PlannedPm, interface: str, frame: bytes, questions: Sequence[tuple[str, bytes]]) -> Passage:
        devices = [vif.interface for vif in pm.vifs]
        folder = self._folder / pm.name
        folder.mkdir(exist_ok=True)
        for device in devices:
            arriving = [(float(START), bytes(14))]
            arriving += [(START + SENT_AT, frame)] if device == interface else []
            arriving += [
                (START + ANSWERED_AT, answered(question, NEIGHBOUR)) for by, question in questions if by == device
            ]
            (folder / f"{device}.in.pcap").write_bytes(written(arriving))
            (folder / f"{device}.out.pcap").unlink(missing_ok=True)
        played, connections = self._prepare(pm, folder)
        done = self._run(
            ["sh", "-c", 'cd "$1" && exec "$2" --simtime "$3"', "sh", str(folder), str(self._click), str(played)]
        )
        if done.rc != 0:
            raise FlowstreamError(f"cannot trace through {pm.name}: {_cause(done)}", details=done.details)
        way = passed(done.stderr.splitlines(), connections, self._marks)
        leaving = [
            (device, out)
            for device in devices
            if (file := folder / f"{device}.out.pcap").exists()
            for out in frames_of(file.read_bytes())
        ]
        return Passage(tuple(elements_of(way)), tuple(leaving))

    def _prepare(self, pm: PlannedPm, folder: Path) -> tuple[Path, list[Connection]]:
        """The configuration that says what passes, once for each module."""
        if pm.name not in self._prepared:
            whole, flat, played = (folder / f"{kind}.click" for kind in ("whole", "flat", "played"))
            whole.write_text(DEVICES + pm.config)
            done = self._run(
                [
                    "sh",
                    "-c",
                    'cd "$1" && exec "$2" --simtime -w -q -o "$3" "$4"',
                    "sh",
                    str(folder),
                    str(self._click),
                    str(flat),
                    str(whole),
                ]
            )
            if done.rc != 0 or not flat.exists():
                raise FlowstreamError(f"cannot trace through {pm.name}: {_cause(done)}", details=done.details)
            text, connections = instrumented(flat.read_text(), list(_told(pm)))
            played.write_text(text)
            self._prepared[pm.name] = played, connections
        return self._prepared[pm.name]


def _told(pm: PlannedPm) -> Iterator[str]:
    """Yield what a gateway is told before anything goes through it."""
    if gateway := pm.facts.get("associations"):
        yield " ".join(Gateway(gateway["send"], gateway["receive"]).sending(Association(SEALING_SPI, _KEY)))


def _asked(sent: Sequence[tuple[str, bytes]]) -> tuple[str, ...]:
    """The addresses that frames ask for, each once."""
    return tuple(dict.fromkeys(address for _, frame in sent if (address := asked_for(frame))))


def _cause(done: Result) -> str:
    """What the engine said is wrong: the place, and in the next line the reason."""
    return " ".join(line.strip() for line in done.stderr.splitlines()[:2]) or done.cause
