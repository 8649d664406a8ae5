# SPDX-License-Identifier: Apache-2.0
"""The live page in a browser, with exporters that say what a test lets them say."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible.module_utils.flowstream.live.feed import Feed
from ansible.module_utils.flowstream.live.rates import Page
from ansible.module_utils.flowstream.live.scene import scene
from ansible.module_utils.flowstream.live.server import server
from ansible.module_utils.flowstream.picture.svg import draw
from ansible.module_utils.flowstream.plan.plan import Plan
from ansible.module_utils.flowstream.world.run import local_run

from ....browser import Browser

ROOT = Path(__file__).parents[4]
TEMPLATES = ROOT / "templates" / "page"
TARGETS = {"mh1": "198.18.0.11:9808", "mh2": "198.18.0.12:9808", "sw1": "198.18.0.10:9808"}
ROWS = "[...document.querySelectorAll('#modules tbody tr')].filter(row => !row.hidden)"


def example(name: str) -> Plan:
    return Plan.from_json((ROOT / "examples" / name / "expected" / "plan.json").read_text())


class Exporters:
    """What the exporters of a platform say: rates of counters, which a test changes, over seconds that pass by reading."""

    def __init__(self, plans: list[Plan]) -> None:
        self.silent: dict[str, str] = {}
        self.stopped: set[str] = set()
        self.rates: dict[tuple[str, str], float] = {}
        """Packets a second by counter, and link (`MACHINE PORT`) or module."""
        self._modules = {
            pm.name: (name, plan) for plan in plans for name, host in plan.hosts.items() for pm in host.pms
        }
        self._counted: dict[tuple[str, str], float] = {}
        self._at = 0.0

    def read(self) -> Mapping[str, Page | str]:
        self._at += 1
        for place, rate in list(self.rates.items()):
            self._counted[place] = self._counted.get(place, 0.0) + rate
        said: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {name: {} for name in TARGETS}
        for name in TARGETS:
            said[name]["flowstream_machine_up", (("machine", name),)] = 1
        for module, (machine, plan) in self._modules.items():
            labels = self._labels(module, machine, plan)
            said[machine]["flowstream_module_up", labels] = float(module not in self.stopped)
        for (counter, place), value in self._counted.items():
            if place in self._modules:
                machine, plan = self._modules[place]
                labels = self._labels(place, machine, plan, **({"reason": "checksum"} if "dropped" in counter else {}))
            else:
                machine, _, port = place.partition(" ")
                labels = tuple(sorted({"machine": machine, "bridge": "br", "port": port, "interface": "x"}.items()))
            said[machine][f"flowstream_{counter}_total", labels] = value
        return {name: self.silent.get(name, Page(self._at, samples)) for name, samples in said.items()}

    @staticmethod
    def _labels(module: str, machine: str, plan: Plan, **more: str) -> tuple[tuple[str, str], ...]:
        about = {"machine": machine, "module": module, "allocation": plan.allocation_id, "tenant": plan.tenant}
        return tuple(sorted((about | more).items()))


@contextmanager
def shown(browser: Browser, plans: list[Plan], width: int = 1200) -> Iterator[Exporters]:
    exporters = Exporters(plans)
    run = local_run(60)
    made = scene(plans, TARGETS, TEMPLATES, lambda pictures: draw(run, pictures))
    with server("127.0.0.1", 0, made, Feed(exporters.read, 0.1), TEMPLATES) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        browser.open(f"http://127.0.0.1:{serving.server_address[1]}/", width)
        browser.wait("return document.getElementById('state').textContent === 'live'")
        yield exporters
        assert browser.complaints() == []
        browser.driver.get("about:blank")
        serving.shutdown()


def edge(plan: list[Plan], *mark: str) -> str:
    """The id of what stands for a link in the picture."""
    marks = scene(plan, TARGETS, TEMPLATES, lambda pictures: ["<svg></svg>"] * len(pictures)).facts["marks"]
    return next(element for element, one in marks.items() if tuple(one[: len(mark)]) == mark)


def test_rates_stand_on_links_and_in_the_table_and_move_with_what_exporters_say(browser: Browser) -> None:
    plans = [example("felipeiprouter")]
    link = edge(plans, "link", "sw1", str(plans[0].ports[0].switchport))
    text = f"return document.querySelector('#{link} text.rate').textContent"
    with shown(browser, plans) as exporters:
        assert browser.ask(text) == ""
        place = f"sw1 {plans[0].ports[0].switchport}"
        exporters.rates |= {
            ("switch_port_received_packets", place): 1500.0,
            ("switch_port_sent_packets", place): 20.0,
            ("module_received_packets", "felipeiprouter-pm0"): 1500.0,
        }
        browser.wait(f"{text} === '1.5k→ ←20'")
        (row,) = browser.ask(f"return {ROWS}.map(row => row.innerText).filter(text => text.includes('pm0'))")
        assert row.split("\t")[:5] == ["felipeiprouter-pm0", "mh1", "felipeiprouter", "up", "1.5k"]
        exporters.rates["switch_port_received_packets", place] = 0.0
        browser.wait(f"{text} === '←20'")


def test_drops_and_what_does_not_answer_are_marked_and_told(browser: Browser) -> None:
    plans = [example("felipeiprouter")]
    bad = "return [...document.querySelectorAll('#picture .node.bad')].map(node => node.querySelector('text').textContent)"
    with shown(browser, plans) as exporters:
        assert browser.ask(bad) == []
        exporters.rates["module_dropped_packets", "felipeiprouter-pm0"] = 7.0
        browser.wait(f"return {ROWS}.some(row => row.cells[7].textContent === 'checksum 7.0/s')")
        assert browser.ask(bad) == ["felipeiprouter-pm0"]
        exporters.rates["module_dropped_packets", "felipeiprouter-pm0"] = 0.0
        exporters.silent["mh2"] = "cannot read it: no route"
        browser.wait("return document.getElementById('state').textContent.includes('1 of 3 machines do not answer')")
        assert "mh2: cannot read it: no route" in browser.ask("return document.getElementById('machines').innerText")
        assert "machine is silent" in browser.ask(f"return {ROWS}.map(row => row.innerText).join()")
        exporters.silent.clear()
        exporters.stopped.add("felipeiprouter-pm1")
        browser.wait(f"return {ROWS}.some(row => row.cells[3].textContent === 'stopped or silent')")


def test_a_click_shows_the_paths_of_one_allocation_and_another_click_all(browser: Browser) -> None:
    plans = [replace(example("felipeiprouter"), tenant="blue"), replace(example("nat"), tenant="red")]
    way = "return [...document.querySelectorAll('#picture .way.node')].map(node => node.textContent).join(' ')"
    with shown(browser, plans):
        for button in ("[data-allocation='nat']", "[data-tenant='red']"):
            browser.ask(f'document.querySelector("{button}").click()')
            lit = browser.ask(way)
            assert "nat-pm0" in lit
            assert "sw1" in lit
            assert "felipeiprouter" not in lit
            names = browser.ask(f"return {ROWS}.map(row => row.cells[0].textContent)")
            assert names == [pm.name for host in plans[1].hosts.values() for pm in host.pms]
            browser.ask(f'document.querySelector("{button}").click()')
            assert browser.ask(way) == ""
            assert len(browser.ask(f"return {ROWS}.map(row => 0)")) > len(names)


def test_a_phone_shows_the_page_without_scrolling_it_sideways(browser: Browser) -> None:
    with shown(browser, [example("felipeiprouter"), example("nat")], width=500):
        assert browser.ask("return document.scrollingElement.scrollWidth <= innerWidth")


def test_a_thousand_modules_are_shown_and_found(browser: Browser) -> None:
    plan = example("felipeiprouter")
    host = plan.hosts["mh1"]
    (pm,) = host.pms
    many = tuple(
        replace(pm, name=f"many-pm{at}", pm_id=at, vifs=(replace(pm.vifs[0], ofport=10 + at),)) for at in range(1000)
    )
    plans: list[Any] = [
        replace(plan, allocation_id="many", hosts={"mh1": replace(host, pms=many), "mh2": plan.hosts["mh2"]})
    ]
    with shown(browser, plans) as exporters:
        exporters.rates |= {("module_sent_packets", one.name): 10.0 + at for at, one in enumerate(many)}
        browser.wait(f"return {ROWS}.some(row => row.cells[6].textContent === '1.0k')")
        assert browser.ask(f"return {ROWS}.length") == 1001
        browser.ask(
            "const filter = document.getElementById('filter'); filter.value = 'PM77'; filter.dispatchEvent(new Event('input'))"
        )
        assert browser.ask(f"return {ROWS}.length") == 11
