# SPDX-License-Identifier: Apache-2.0
"""What an experiment is: which routers are deployed, which packets go through them, and how long each is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible.module_utils.flowstream.allocation.document import PORT, PORTS
from ansible.module_utils.flowstream.allocation.model import MAX_ALLOCATION_ID
from ansible.module_utils.flowstream.allocation.shape import Attribute, Shape, Value
from ansible.module_utils.flowstream.allocation.values import one_of, whole
from ansible.module_utils.flowstream.platform.drivers import DRIVER_KINDS, PM_KINDS

ROOT = "experiment"
THROUGHPUT = "throughput"
"""In place of a rate: the highest one that loses no more than it may."""
MOST_RATE = 10_000_000
MOST_MODULES = 256
MOST_FLOWS = 1024
LEAST_SIZE, MOST_SIZE = 64, 1518
"""Of a frame with its check sequence, as RFC 2544 counts."""
MOST_FRAMES = 200_000
"""Of a trial: they are made beforehand."""


def _list_of(value: Value) -> Value:
    return Value(f"{value.name}s", f"{value.text}, several as a list", items=value)


_NAME = Value("name", "letters, digits and `-`", facets=(("pattern", r"[a-z][a-z0-9\-]*"),))
_RATE = Value("rate", f"0..{MOST_RATE} or `{THROUGHPUT}`", facets=(("pattern", rf"[0-9]{{1,8}}|{THROUGHPUT}"),))
_ID = Value(
    "experimentid",
    f"1 to {MAX_ALLOCATION_ID} letters, digits and `-`, a letter first",
    facets=(("pattern", rf"[A-Za-z][A-Za-z0-9\-]{{0,{MAX_ALLOCATION_ID - 1}}}"),),
)


@dataclass(frozen=True, slots=True)
class Whole:
    """A number of a description: from `low` to `high`, and what it is when nothing is written."""

    low: int
    high: int
    usual: int
    meaning: str

    def attribute(self, name: str) -> Attribute:
        """What the shapes and the schema know of it."""
        bounds = (("minInclusive", str(self.low)), ("maxInclusive", str(self.high)))
        value = Value(f"{name}number", f"{self.low}..{self.high}", "xs:unsignedInt", bounds)
        return Attribute(name, value, f"{self.meaning} ({self.usual} unless told)")


TRIAL_NUMBERS = {
    "milliseconds": Whole(10, 600_000, 1000, "how long a trial sends; RFC 2544 asks for 60000 at least"),
    "settle": Whole(10, 60_000, 500, "how many milliseconds late packets are waited for"),
    "tries": Whole(1, 10, 1, "how often a rate may be tried before it counts as too high"),
    "samples": Whole(10, 100_000, 1000, "about how many packets of a trial are timed"),
}
SEARCH_NUMBERS = {
    "least": Whole(1, MOST_RATE, 100, "the rate below which nobody looks, in packets a second"),
    "most": Whole(1, MOST_RATE, 100_000, "the rate above which nobody looks, in packets a second"),
    "resolution": Whole(1, 50, 5, "how close to the limit the answer is, in percent of it"),
    "loss": Whole(0, 1_000_000, 0, "how many of a million packets may be lost"),
}

TRIAL = Shape(
    "trial", "How each rate is tried.", attributes=tuple(one.attribute(name) for name, one in TRIAL_NUMBERS.items())
)
SEARCH = Shape(
    "search",
    f"Where the rate `{THROUGHPUT}` is looked for.",
    attributes=tuple(one.attribute(name) for name, one in SEARCH_NUMBERS.items()),
)
EXPERIMENT = Shape(
    ROOT,
    "Every attribute that takes a list is a side of the matrix: all of their combinations are measured.",
    attributes=(
        Attribute("id", _ID, "its name, and that of the allocations that it deploys", "a name for it"),
        Attribute("title", Value("xs:string", "text"), "what people call it"),
        Attribute(
            "processing", _list_of(_NAME), "templates of allocations (`NAME.yml.j2`)", "what to deploy: fastiprouter"
        ),
        Attribute("modules", _list_of(whole("modules", MOST_MODULES)), "how many processing modules share the packets"),
        Attribute("computers", _list_of(whole("computers", MOST_MODULES)), "how many module hosts these run on"),
        Attribute("host", _list_of(one_of("host", tuple(DRIVER_KINDS))), "drivers of module hosts"),
        Attribute(
            "module", _list_of(one_of("module", PM_KINDS)), "what modules run as; what their host offers if left out"
        ),
        Attribute("size", _list_of(whole("size", MOST_SIZE)), "bytes of a frame with its check sequence, 64..1518"),
        Attribute("flows", _list_of(whole("flows", MOST_FLOWS)), "how many flows the packets belong to"),
        Attribute("queues", _list_of(whole("queues", 1)), "queues of a module's interface: 1, there are no others yet"),
        Attribute(
            "rate",
            _list_of(_RATE),
            f"packets a second; 0 sends none, and `{THROUGHPUT}` looks for the highest that loses none",
            "packets a second, or throughput",
        ),
    ),
    single={PORTS.name: "the ports that packets come in by and leave by"},
    optional={TRIAL.name: "how each rate is tried", SEARCH.name: "where the limit is looked for"},
)
SHAPES = (EXPERIMENT, PORTS, PORT, TRIAL, SEARCH)


@dataclass(frozen=True, slots=True)
class Trial:
    """How a rate is tried, once."""

    milliseconds: int = TRIAL_NUMBERS["milliseconds"].usual
    settle: int = TRIAL_NUMBERS["settle"].usual
    tries: int = TRIAL_NUMBERS["tries"].usual
    samples: int = TRIAL_NUMBERS["samples"].usual

    def packets(self, rate: int) -> int:
        """How many are sent at this rate, at least one."""
        return max(1, rate * self.milliseconds // 1000)


@dataclass(frozen=True, slots=True)
class Search:
    """Where the highest rate is looked for; `loss` is the part of a million that it may lose."""

    least: int = SEARCH_NUMBERS["least"].usual
    most: int = SEARCH_NUMBERS["most"].usual
    resolution: int = SEARCH_NUMBERS["resolution"].usual
    loss: int = SEARCH_NUMBERS["loss"].usual


@dataclass(frozen=True, slots=True)
class ExperimentPort:
    """A platform port as an allocation has it, as it was written."""

    portid: int
    mac: str
    switchport: int
    address: str = ""
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """A readable experiment. Packets come in by the first port and leave by the second."""

    id: str
    title: str
    processing: tuple[str, ...]
    rates: tuple[int | None, ...]
    """None is the one that is looked for."""
    ports: tuple[ExperimentPort, ...]
    modules: tuple[int, ...] = (1,)
    computers: tuple[int, ...] = (1,)
    hosts: tuple[str, ...] = (next(iter(DRIVER_KINDS)),)
    kinds: tuple[str, ...] = ("",)
    sizes: tuple[int, ...] = (64,)
    flows: tuple[int, ...] = (1,)
    queues: tuple[int, ...] = (1,)
    trial: Trial = field(default_factory=Trial)
    search: Search = field(default_factory=Search)
