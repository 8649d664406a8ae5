# SPDX-License-Identifier: Apache-2.0
"""What the program `click --doc` is made from."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from _pytest.mark import ParameterSet

ENGINE = Path(__file__).parents[2] / "clickos"
sys.path.append(str(ENGINE))

import element_docs  # noqa: E402

CLICK = ENGINE / "build" / "click"
EXAMPLE = re.compile(r"^=e\n(.*?)(?=^=[a-z]|\Z)", re.MULTILINE | re.DOTALL)
ELEMENT = "/*\n=c\nThing\n=s misc\ndoes a thing\n*/\nCLICK_ELEMENT(Thing)\n"


def written(*paths: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ENGINE / "element_docs.py", *paths], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_a_class_that_two_files_register_is_an_error(tmp_path: Path) -> None:
    one, two = tmp_path / "one.cc", tmp_path / "two.cc"
    one.write_text(ELEMENT)
    assert written(one) == (0, "")
    two.write_text(ELEMENT)
    assert written(one, two) == (1, f"{two}: Thing is registered in {one} too; keep one\n")


def test_a_class_without_documentation_is_an_error(tmp_path: Path) -> None:
    one = tmp_path / "one.cc"
    one.write_text("CLICK_ELEMENT(Thing)\n")
    assert written(one) == (1, f"{one}: Thing has no =c doc comment\n")


BLOCKS = "/*\n=block one\n=h one read\nOne.\n=use two\n=block two\n=h two read\nTwo.\n*/\n"


def test_a_block_stands_where_it_is_used_with_the_blocks_in_it() -> None:
    blocks = element_docs.Blocks({Path("base.hh"): BLOCKS})
    text = blocks.expand("=c\nThing\n=use one\n=e\n", Path("thing.cc"))
    assert text == "=c\nThing\n=h one read\nOne.\n=h two read\nTwo.\n=e\n"
    assert (blocks.faults, blocks.unused()) == ([], [])


def test_a_block_that_is_unknown_unused_in_itself_or_written_twice_is_an_error(tmp_path: Path) -> None:
    base, other, thing = tmp_path / "base.hh", tmp_path / "other.hh", tmp_path / "thing.cc"
    base.write_text(BLOCKS)
    thing.write_text(ELEMENT.replace("does a thing\n", "does a thing\n=use three\n"))
    assert written(base, thing) == (
        1,
        f"{base}: block one is not used; remove it\n{base}: block two is not used; remove it\n"
        f"{thing}: no block three to use here\n",
    )
    other.write_text("/*\n=block three\n=use three\n=block one\nAgain.\n*/\n")
    assert written(base, other, thing) == (
        1,
        f"{base}: block two is not used; remove it\n{other}: block one is in {base} too; keep one\n"
        f"{other}: block one is not used; remove it\n{thing}: no block three to use here\n",
    )


USAGE = re.compile(r"=c\n(\w+)(.*?)\n=s", re.DOTALL)


class Page(NamedTuple):
    """A doc comment: the first class that it is of, how that is written, and its example, empty where there is none."""

    name: str
    usage: str
    example: str
    comment: str


def pages() -> list[Page]:
    found = []
    for classes in element_docs.read(element_docs.documented_files(ENGINE))[0].values():
        for text in dict.fromkeys(classes.values()):
            usage, example = USAGE.search(text), EXAMPLE.search(text)
            assert usage, text
            found.append(Page(*usage.groups(), example.group(1) if example else "", text))
    return found


def examples() -> Iterator[ParameterSet]:
    for page in pages():
        yield pytest.param(page.example, id=page.name)


def without_dots(example: str) -> str:
    """An example as a configuration: three dots stand for where packets come from or go to."""
    return re.sub(r"->\s*\.\.\.", "-> Discard;", re.sub(r"\.\.\.\s*->", "Idle ->", example))


@pytest.mark.parametrize("example", list(examples()))
def test_the_example_of_a_class_is_a_configuration(example: str, tmp_path: Path) -> None:
    assert example, "the class has no example"
    done = subprocess.run(
        [CLICK, "--check", "-e", without_dots(example)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")


NAME = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
KEYWORDS = re.compile(r"^Keyword arguments are.*?^=back", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"^=item ([A-Z][A-Z0-9_]+(?:, [A-Z][A-Z0-9_]+)*)$", re.MULTILINE)
ALIAS = re.compile(r"C<([A-Z][A-Z0-9_]+)>")
LISTS = {
    *("AddressInfo", "AlignmentInfo", "IPFieldInfo", "IPNameInfo", "PortInfo", "ScheduleInfo", "StaticThreadSched"),
    *("AggregateFilter", "Classifier", "IPClassifier", "Clipboard", "DriverManager", "HandlerAggregate", "PayloadMatcher", "PokeHandlers", "QuitWatcher", "Script"),
    *("ARPResponder", "IP6NDAdvertiser", "IPsecESPUnencap", "LinearIPLookup", "LookupIP6Route", "LookupIPRoute2", "RadixIPLookup", "RadixIPsecLookup"),
    *("ICMPPingRewriter", "IPAddrRewriter", "IPRewriter", "IPRewriterPatterns", "TCPRewriter", "UDPRewriter"),
    *("MaglevBalancer", "Meter", "BandwidthMeter", "RoundRobinIPMapper", "SourceIPHashMapper", "StrideSched", "StrideSwitch"),
}  # fmt: skip
"""Classes that take what is no keyword of theirs for one more of a list; of these, keywords cannot be told so."""
LEADING = dict.fromkeys(("FromSocket", "Socket", "ToSocket"), "TCP, 127.0.0.1, 80, ")


def test_the_keywords_of_every_class_are_those_that_it_documents() -> None:
    texts = [path.read_text() for path in ENGINE.rglob("*.[ch][ch]") if "build" not in path.parts]
    every = sorted({name for text in texts for name in re.findall(r'"([A-Z][A-Z0-9_]{1,30})"', text)})
    asked, wrong = set(), []
    for name, usage, _, comment in pages():
        if name in LISTS:
            continue
        asked.add(name)
        known = accepted(name, every)
        block = KEYWORDS.search(comment)
        items = {one for found in ITEM.findall(block.group() if block else "") for one in found.split(", ")}
        forms = [usage, *re.findall(rf"C<({name}\(.*?\))>", comment, re.DOTALL)]
        said = items | {one for form in forms for one in NAME.findall(form)} | set(ALIAS.findall(comment))
        wrong += [f"{name} takes {keyword} and does not say so" for keyword in sorted(known - said)]
        wrong += [f"{name} says that it takes {keyword}" for keyword in sorted(items - known)]
    assert not wrong, "\n".join(wrong)
    assert len(asked) > 190


def accepted(name: str, every: list[str]) -> set[str]:
    """Those of these keywords that a class has: the engine names all others."""
    given = LEADING.get(name, "") + ", ".join(f"{keyword} 1" for keyword in every)
    argv = [CLICK, "--check", "-e", f"x :: {name}({given})"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30)
    refused = re.search(r"bad keywords (.*)", done.stderr)
    assert refused, f"{name}: {done.stderr[:300]}"
    return set(every) - set(refused.group(1).split(", "))


HANDLER = re.compile(r"^=h (\S+) (\S+)$", re.MULTILINE)
OF_ALL = {"class", "name", "config", "handlers", "ports", "icounts", "ocounts"}
"""Handlers that every element has."""
OF_DETAILS = {"drop_details"}
"""Handlers that are there if the configuration asks for them."""
AS_SCRIPT = {"DriverManager", "PokeHandlers"}
"""Whose page says that it has what Script has."""
EMPTY_TRACE = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
"""The header of a pcap file (pcap-savefile(5)) of Ethernet frames."""
ELSEWHERE = (("FromDevice", "Idle"), ("ToDevice", "Discard"), ("ToHost", "Discard"), ("FromIPSummaryDump", "Idle"))
"""What other machines than this one have, and what stands for it in the examples of other classes."""


def test_the_handlers_of_every_class_are_those_that_it_documents(tmp_path: Path) -> None:
    wrong: list[str] = []
    seen = set()
    for name, _, example, comment in pages():
        text = without_dots(example)
        for outside, stand_in in ELSEWHERE:
            if name != outside:
                text = re.sub(rf"\b{outside}\([^()]*\)", stand_in, text)
        for trace in re.findall(r"[\w.]+\.pcap", text):
            (tmp_path / trace).write_bytes(EMPTY_TRACE)
        found = registered(name, text, tmp_path)
        if found is None or name in AS_SCRIPT:
            continue
        seen.add(name)
        absent = OF_ALL | OF_DETAILS - found.keys()
        said = {
            handler.replace("I<N>", "<N>"): rights(words)
            for handler, words in HANDLER.findall(comment)
            if handler not in absent
        }
        wrong += [
            f"{name}.{handler}: {found.get(handler, 'none')}, by its page {said.get(handler, 'none')}"
            for handler in sorted(found.keys() | said.keys())
            if found.get(handler) != said.get(handler)
        ]
    assert not wrong, "\n".join(wrong)
    assert len(seen) > 210


def registered(name: str, text: str, folder: Path) -> dict[str, str] | None:
    """The handlers of the first element of a class, `r`, `w` or both; None where this machine cannot run the configuration."""

    def click(*arguments: str) -> str:
        argv = [CLICK, *arguments, "-e", text]
        return subprocess.run(argv, capture_output=True, text=True, check=False, cwd=folder, timeout=30).stdout

    elements = json.loads(click("--check", "--graph", "-") or '{"elements": []}')["elements"]
    names = [element["name"] for element in elements if element["class"] == name]
    lines = click("-q", "-h", f"{names[0]}.handlers").splitlines() if names else []
    pairs = (line.split("\t") for line in lines if "\t" in line)
    found = {re.sub(r"\d+$", "<N>", handler): "".join(sorted(set("rw") & set(kinds))) for handler, kinds in pairs}
    return {handler: kinds for handler, kinds in found.items() if handler not in OF_ALL} if found else None


def rights(words: str) -> str:
    """`read/write` as `click` writes it."""
    return "".join(sorted(word[0] for word in words.split("/")))
