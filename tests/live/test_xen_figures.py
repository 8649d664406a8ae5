# SPDX-License-Identifier: Apache-2.0
"""What a ClickOS guest costs on Xen: memory, its start, and what a forwarded packet takes.

Times under emulation say nothing about hardware: what is asserted is counted, or compared within one run.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .emulated_host import EmulatedHost
from .router_lab import ROOT, RouterLab
from .xen_guests import FAR, NEAR, ROUTER, VIFS, Guest
from .xen_host import XenHost

pytestmark = [pytest.mark.xen, pytest.mark.skipif(os.geteuid() != 0, reason="needs root: boots machines")]

IMAGE = ROOT / "clickos" / "build" / "clickos"
EXAMPLE = next((ROOT / "examples" / "felipeiprouter" / "expected" / "click").glob("*.click"))
KINDS = [pytest.param("pvh", marks=pytest.mark.long), "pv"]
MOST_HYPERCALLS = 0.1
"""For a forwarded packet, when packets do not have to be waited for."""

Figure = Callable[[str], None]


def test_the_image_with_every_element_has_at_most_a_mebibyte(figure: Figure) -> None:
    size = IMAGE.stat().st_size
    figure(f"image with every element: {size:,} bytes")
    assert size <= 1 << 20


@pytest.mark.parametrize("name", ["example", "forwarding"])
def test_an_image_of_only_what_a_router_needs_has_at_most_256_kib_and_runs_it(
    host: XenHost, name: str, figure: Figure, tmp_path: Path
) -> None:
    configurations = {"example": EXAMPLE.read_text(), "forwarding": ROUTER}
    source = tmp_path / "router.click"
    source.write_text(configurations[name])
    make = ["make", "--directory", ROOT / "clickos", "image", f"IMAGE=test-{name}", f"CONFIG={source}"]
    subprocess.run(make, check=True, capture_output=True)
    image = ROOT / "clickos" / "build" / "images" / f"test-{name}" / "clickos"
    host.put(f"minimal-{name}", image)
    guest = Guest(host, f"minimal-{name}", "pv")
    guest("destroy")
    guest("create", guest.kind, 8, VIFS, kernel=guest.name, ramdisk_text=configurations[name])
    guest("await_node", "data/clickos/0/status", "0 running")
    if name == "forwarding":
        guest("await_ping", f"{FAR}.1")
    guest("destroy")
    figure(f"image of what the router '{name}' needs: {image.stat().st_size:,} bytes")
    assert image.stat().st_size <= 256 << 10


@pytest.mark.parametrize("kind", KINDS)
def test_the_router_forwards_in_a_domain_of_few_mebibytes(host: XenHost, kind: str, figure: Figure) -> None:
    guest = Guest(host, f"small-{kind}", kind)
    for memory in (1, 2, 3, 4, 5, 6, 8):
        answer = host.attempt("forwards", guest.name, kind, memory, VIFS, ROUTER, f"{FAR}.1")
        guest("destroy")
        if answer.get("return"):
            break
    else:
        raise AssertionError(answer)
    figure(f"{kind}: the router with two interfaces forwards in a domain of {memory} MiB")
    assert memory <= 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_domain_starts_and_forwards_beside_an_empty_one(host: XenHost, kind: str, figure: Figure) -> None:
    guest = Guest(host, f"start-{kind}", kind)
    empty, create, packet, inside = [], [], [], []
    for _ in range(2):
        empty.append(guest("create", kind, 8, VIFS, kernel="empty")["create"])
        guest("destroy")
        started = guest("start", kind, 8, VIFS, ROUTER, f"{FAR}.1")
        create.append(started["create"])
        packet.append(started["packet"])
        inside.append(started["inside_us"] / 1e6)
        guest("destroy")
    figure(
        f"{kind}: xl create {min(create):.2f} s ({min(create) / min(empty):.2f} of that of an empty domain), from its "
        f"return to the first forwarded packet {min(packet):.2f} s, from entry to a running router {min(inside):.3f} s "
        f"(best of 2, emulated)"
    )


@pytest.fixture(scope="module")
def counted(xen_lab: RouterLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatedHost]:
    """A Xen host of whose guest every instruction is counted."""
    plugin = tmp_path_factory.mktemp("plugin") / "executed.so"
    source = ROOT / "clickos" / "platform" / "xen" / "bench" / "executed.c"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", plugin, source], check=True)
    image = Path((xen_lab.directory / "machines" / "mh1" / "image").read_text().strip())
    with EmulatedHost(image, tmp_path_factory.mktemp("counted"), plugin) as machine:
        machine.put("clickos", IMAGE)
        machine.call("networks", NEAR, FAR)
        yield machine


@pytest.mark.long  # boots a host of its own, to count what it executes
@pytest.mark.parametrize("kind", ["pv", "pvh"])
def test_a_forwarded_packet_takes_few_instructions_and_hardly_a_hypercall(
    counted: EmulatedHost, kind: str, figure: Figure
) -> None:
    name = f"load-{kind}"
    before = counted.call("load_start", name, kind, VIFS, ROUTER, f"{FAR}.1")
    executed = counted.executed()
    after = counted.call("load", name, f"{FAR}.1", count=20000)
    executed = counted.executed() - executed
    packets = after["packets"] - before["packets"]
    hypercalls = (after["hypercalls"] - before["hypercalls"]) / packets
    figure(
        f"{kind}: {executed / packets:,.0f} instructions and {hypercalls:.3f} hypercalls for a packet of 60 bytes that "
        f"the router forwards ({packets} packets)"
    )
    counted.call("destroy", name)
    assert packets > 1000
    assert hypercalls < MOST_HYPERCALLS
