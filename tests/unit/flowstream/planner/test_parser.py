# SPDX-License-Identifier: Apache-2.0
"""What cannot be an example file: sizes, memory, and what the reader leaves behind. The rest is examples/errors."""

from __future__ import annotations

import contextlib
import gc
import json
from typing import Any

import pytest
import yaml
from ansible.module_utils.flowstream.addresses import Prefix
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.planner import parser
from ansible.module_utils.flowstream.planner.parser import parse
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from lxml import etree

from ..conftest import ROOT, messages


def ports(count: int) -> str:
    return "".join(
        f'<portmacmapping portid="{n}" mac="02:00:00:00:{n >> 8:02x}:{n & 255:02x}" switchport="{n + 1}"/>\n'
        for n in range(count)
    )


def allocation_of(mappings: str) -> bytes:
    return (
        '<allocationdescription id="edge" type="fastiprouter" subtype="prefixlb">\n<portmacmappings>\n'
        f'{mappings}</portmacmappings>\n<pm id="0"><prefix addr="0.0.0.0" mask="0"/><forwardingtable>'
        '<forwardingentry addr="0.0.0.0" mask="0" outputport="0"/></forwardingtable></pm></allocationdescription>'
    ).encode()


def test_the_seed_is_read_as_it_is_written(seed: str) -> None:
    allocation = parse(seed.encode(), "alloc.xml").allocation
    assert (allocation.allocation_id, allocation.type, allocation.subtype) == (
        "felipeiprouter",
        "fastiprouter",
        "prefixlb",
    )
    assert [(port.portid, port.mac, port.switchport) for port in allocation.ports] == [
        (0, "00:15:17:15:5d:20", 1),
        (1, "00:15:17:15:5d:21", 2),
        (2, "00:15:17:15:5b:c2", 3),
        (3, "00:15:17:15:5b:c3", 4),
    ]
    assert [pm.body.prefixes[0].prefix for pm in allocation.pms] == [Prefix(0x80000000, 1), Prefix(0, 1)]
    assert [(str(route.prefix), route.port, route.line) for route in allocation.pms[1].body.routes] == [
        ("10.0.5.0/24", 0, 20),
        ("10.0.6.0/24", 1, 21),
        ("10.0.7.0/24", 2, 22),
        ("10.0.8.0/24", 3, 23),
    ]


def test_a_file_that_is_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser, "MAX_BYTES", 1000)
    assert messages(lambda: parse(b"<a>" * 334, "a.xml")) == [
        "a.xml:1: document: is too large, got 1002 bytes; keep it below 1000"
    ]


def test_254_ports_fit_into_a_paint_annotation_and_255_do_not() -> None:
    assert len(parse(allocation_of(ports(254)), "a.xml").allocation.ports) == 254
    assert messages(lambda: parse(allocation_of(ports(255)), "a.xml")) == [
        "a.xml:257: portmacmappings: holds too many ports, got 255; use at most 254"
    ]


def test_lines_are_right_beyond_65535() -> None:
    padding = "\n" * 70_000
    bad = allocation_of(padding + ports(1).replace('switchport="1"', 'switchport="x"'))
    assert messages(lambda: parse(bad, "a.xml")) == [
        "a.xml:70003: portmacmapping 0: switchport is not a whole number, got x; write one from 1 to 65279"
    ]


def test_lines_are_those_of_start_tags_and_of_nothing_that_looks_like_one() -> None:
    noise = "<!-- <portmacmapping\n/> -->\n<?note <a>\n?>\n"
    bad = allocation_of(
        noise + ports(2).replace('portid="1"', '\nportid="1"').replace('switchport="2"', 'switchport="x"')
    )
    assert messages(lambda: parse(bad, "a.xml")) == [
        "a.xml:8: portmacmapping 1: switchport is not a whole number, got x; write one from 1 to 65279"
    ]


def test_the_collector_is_as_it_was_after_reading() -> None:
    assert gc.isenabled()
    parse(allocation_of(ports(1)), "a.xml")
    assert gc.isenabled()
    gc.disable()
    try:
        parse(allocation_of(ports(1)), "a.xml")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_attributes_for_editors_are_no_mistake(seed: str) -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="allocation.xsd"'
    text = seed.replace("<allocationdescription ", f"<allocationdescription {xsi} ", 1)
    assert parse(text.encode(), "a.xml").warnings == ()


def test_comments_processing_instructions_and_a_byte_order_mark_are_no_mistake(seed: str) -> None:
    text = "\ufeff<?xml version='1.0' encoding='utf-8'?><!-- <!DOCTYPE a> --><?editor on?>\n" + seed.replace(
        "<pm ", "<!-- a module --><pm ", 1
    )
    assert len(parse(text.encode(), "a.xml").allocation.pms) == 2


@given(st.binary(max_size=200), st.sampled_from(["a.xml", "a.yml"]))
def test_no_bytes_do_more_than_give_messages(data: bytes, name: str) -> None:
    assert all(message.startswith(f"{name}:") for message in messages(lambda: parse(data, name)))


@given(st.data())
def test_no_damage_to_a_good_file_ends_in_another_error(data: st.DataObject) -> None:
    good = (ROOT / "examples" / "three-modules" / "allocation.xml").read_bytes()
    start = data.draw(st.integers(0, len(good) - 1))
    end = data.draw(st.integers(start, min(start + 40, len(good))))
    damaged = good[:start] + data.draw(st.binary(max_size=8)) + good[end:]
    with contextlib.suppress(FlowstreamError):
        parse(damaged, "a.xml")


def test_what_the_schema_refuses_in_the_catalogue_the_reader_refuses_too() -> None:
    schema = etree.XMLSchema(etree.parse(ROOT / "schemas" / "allocation.xsd"))
    refused = 0
    for path in sorted((ROOT / "examples" / "errors").glob("*.xml")):
        try:
            parser = etree.XMLParser(load_dtd=False, no_network=True, resolve_entities=False)
            tree = etree.fromstring(path.read_bytes(), parser)
        except etree.XMLSyntaxError:
            continue
        if not tree.getroottree().docinfo.doctype and not schema.validate(tree):
            refused += 1
            assert "no pm has the destinations" not in path.with_suffix(".txt").read_text()
    assert refused > 30


def as_yaml(element: etree._Element) -> dict[str, Any]:
    """An element of XML as the mapping that says the same in YAML."""
    found: dict[str, Any] = {str(name): value for name, value in element.attrib.items() if "{" not in str(name)}
    for child in element.iterchildren(etree.Element):
        found.setdefault(str(child.tag), []).append(as_yaml(child))
    return {name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in found.items()}


@pytest.fixture(scope="module")
def yaml_schema() -> Draft7Validator:
    schema = json.loads((ROOT / "schemas" / "allocation.schema.json").read_text())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def test_the_schema_for_yaml_accepts_every_example(yaml_schema: Draft7Validator) -> None:
    examples = sorted((ROOT / "examples").glob("*/allocation.*"))
    assert len(examples) > 10
    for path in examples:
        described = as_yaml(etree.parse(path).getroot()) if path.suffix == ".xml" else yaml.safe_load(path.read_text())
        assert [f"{path}: {error.message}" for error in yaml_schema.iter_errors(described)] == []


def test_what_the_schema_for_yaml_refuses_in_the_catalogue_the_reader_refuses_too(yaml_schema: Draft7Validator) -> None:
    refused = 0
    for path in sorted((ROOT / "examples" / "errors").glob("*.xml")):
        try:
            root = etree.fromstring(path.read_bytes(), etree.XMLParser(load_dtd=False, no_network=True))
        except etree.XMLSyntaxError:
            continue
        if root.tag != "allocationdescription" or yaml_schema.is_valid(as_yaml(root)):
            continue
        refused += 1
        with pytest.raises(FlowstreamError):
            parse(yaml.safe_dump(as_yaml(root)).encode(), "a.yml")
    assert refused > 30


def test_the_schema_for_yaml_knows_which_elements_stand_in_a_module_of_the_type(yaml_schema: Draft7Validator) -> None:
    root = as_yaml(etree.parse(ROOT / "examples" / "firewall" / "allocation.xml").getroot())
    assert yaml_schema.is_valid(root)
    assert not yaml_schema.is_valid({**root, "type": "nat", "subtype": "deterministic"})
    assert not yaml_schema.is_valid({**root, "pms": root["pm"]})
