# SPDX-License-Identifier: Apache-2.0
"""Read the description of an experiment (YAML), with every error of it at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from ansible.module_utils.flowstream.addresses import parse_mac, shown
from ansible.module_utils.flowstream.allocation.document import PORT
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.findings import Findings
from ansible.module_utils.flowstream.allocation.from_yaml import read_yaml
from ansible.module_utils.flowstream.allocation.model import MAX_ALLOCATION_ID, MAX_PORTID
from ansible.module_utils.flowstream.allocation.shape import Shapes, choice
from ansible.module_utils.flowstream.allocation.values import Values
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.experiments.description import (
    LEAST_SIZE,
    MOST_FLOWS,
    MOST_FRAMES,
    MOST_MODULES,
    MOST_RATE,
    MOST_SIZE,
    ROOT,
    SEARCH,
    SEARCH_NUMBERS,
    SHAPES,
    THROUGHPUT,
    TRIAL,
    TRIAL_NUMBERS,
    Description,
    ExperimentPort,
    Search,
    Trial,
    Whole,
)
from ansible.module_utils.flowstream.flows.values import MAX_SWITCH_PORT
from ansible.module_utils.flowstream.platform.drivers import DRIVER_KINDS, PM_KINDS

Item = TypeVar("Item")
_NOT_A_RATE = -1


def read_experiment(data: bytes, file: str) -> Description:
    """Return the experiment that a file describes; FlowstreamError with one message for each error, in file order."""
    findings = Findings(file)
    root = read_yaml(data, ROOT, findings)
    description = None
    if root is not None:
        shapes = Shapes(SHAPES)
        shapes.check(root, findings)
        description = _Reader(root, Values(shapes, findings)).description()
    if description is None or findings.errors:
        raise findings.as_error()
    return description


class _Reader:
    """Turns the elements of one document into a description, noting all that is wrong on the way."""

    def __init__(self, root: Element, values: Values) -> None:
        self._root = root
        self._values = values

    def description(self) -> Description:
        usual = Description(id="", title="", processing=(), rates=(), ports=())
        name = self._values.name(self._root, "id", MAX_ALLOCATION_ID) or ""
        read = Description(
            id=name,
            title=self._root.attributes.get("title", name),
            processing=self._items("processing", str, ()),
            rates=self._items("rate", _rate, ()),
            ports=self._ports(),
            modules=self._wholes("modules", 1, MOST_MODULES, usual.modules),
            computers=self._wholes("computers", 1, MOST_MODULES, usual.computers),
            hosts=self._items("host", _word("host", tuple(DRIVER_KINDS)), usual.hosts),
            kinds=self._items("module", _word("module", PM_KINDS), usual.kinds),
            sizes=self._wholes("size", LEAST_SIZE, MOST_SIZE, usual.sizes),
            flows=self._wholes("flows", 1, MOST_FLOWS, usual.flows),
            queues=self._wholes("queues", 1, 1, usual.queues),
            trial=Trial(**self._numbers(TRIAL.name, TRIAL_NUMBERS)),
            search=Search(**self._numbers(SEARCH.name, SEARCH_NUMBERS)),
        )
        self._check(read)
        return read

    def _check(self, read: Description) -> None:
        """Note what only the whole tells."""
        search = next((one for one in self._root.children if one.name == SEARCH.name), self._root)
        if read.search.least > read.search.most:
            text = f"least is above most, got {read.search.least} and {read.search.most}; exchange them"
            self._values.error(search, "least", text)
        highest = max([rate for rate in read.rates if rate is not None], default=0)
        for element, attribute, rate in (
            (self._root, "rate", highest),
            (search, "most", read.search.most if None in read.rates else 0),
        ):
            if (packets := read.trial.packets(rate)) > MOST_FRAMES:
                text = f"{attribute} makes a trial of {packets} packets, got {rate} for {read.trial.milliseconds} ms"
                self._values.error(element, attribute, f"{text}; have at most {MOST_FRAMES}: shorten the trials")

    def _items(self, name: str, read: Callable[[str], Item], usual: tuple[Item, ...]) -> tuple[Item, ...]:
        """A side of the matrix, in the order of the file."""
        found: list[Item] = []
        for text in self._root.attributes.get(name, "").split():
            item = self._values.value(self._root, name, text, read)
            if item is not None and item in found:
                self._values.error(self._root, name, f"{name} has something twice, got {shown(text)}; keep one")
            elif item is not None or (text == THROUGHPUT and None not in found):
                found.append(item)  # type: ignore[arg-type]  # None is a rate
        return tuple(found) or usual

    def _wholes(self, name: str, low: int, high: int, usual: tuple[int, ...]) -> tuple[int, ...]:
        return self._items(name, lambda text: _whole(name, text, low, high), usual)

    def _numbers(self, name: str, known: Mapping[str, Whole]) -> dict[str, int]:
        """The numbers of an element that may be missing."""
        elements = [one for one in self._root.children if one.name == name]
        for again in elements[1:]:
            self._values.error(again, "", f"{name} stands twice; put everything into one")
        if not elements:
            return {}
        read = {key: self._values.whole(elements[0], key, one.low, one.high) for key, one in known.items()}
        return {key: number for key, number in read.items() if number is not None}

    def _ports(self) -> tuple[ExperimentPort, ...]:
        elements = [port for ports in self._root.children for port in ports.children if port.name == PORT.name]
        values = self._values
        if elements and len(elements) != 2:
            text = f"has {len(elements)} ports, got portids {', '.join(one.attributes.get('portid', '?') for one in elements)}"
            values.error(elements[-1], "", f"{text}; write two: where packets come in, and where they leave")
        return tuple(
            ExperimentPort(
                portid=values.whole(one, "portid", 0, MAX_PORTID) or 0,
                mac=values.attribute(one, "mac", parse_mac) or "",
                switchport=values.whole(one, "switchport", 1, MAX_SWITCH_PORT) or 0,
                address=one.attributes.get("address", ""),
                gateway=one.attributes.get("gateway", ""),
            )
            for one in elements
        )


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise FlowstreamError(f"{name} is not a whole number, got {shown(text)}; write one from {low} to {high}")
    if not low <= int(text) <= high:
        raise FlowstreamError(f"{name} is outside {low}..{high}, got {text}; write one inside")
    return int(text)


def _rate(text: str) -> int | None:
    if text == THROUGHPUT:
        return None
    if not text.isascii() or not text.isdigit():
        raise FlowstreamError(f"rate is no number of packets, got {shown(text)}; write one, or {THROUGHPUT}")
    return _whole("rate", text, 0, MOST_RATE)


def _word(name: str, words: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise FlowstreamError(f"{name} is unknown, got {shown(text)}; use {choice(words)}")
        return text

    return read
