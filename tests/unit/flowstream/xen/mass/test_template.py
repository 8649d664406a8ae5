# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, VifTemplate, filled, ranges

from ...conftest import messages

TEMPLATE = DomainTemplate(
    "fw{number:04}", 1, 300, "/kernel", "pv", 4096,
    vifs=(VifTemplate("f{number}", "br-pm", "02:00:00:00:00:00"),),
    configuration="define($M {mac}); elementclass A { input -> output } // {name}",
)  # fmt: skip


def test_the_number_is_filled_in_and_added_to_the_address() -> None:
    domain = TEMPLATE.domain(258)
    assert (domain.name, domain.vifs[0].device, domain.vifs[0].mac) == ("fw0258", "f258", "02:00:00:00:01:02")


def test_the_openflow_port_counts_on_and_the_vlan_is_that_of_all() -> None:
    template = replace(TEMPLATE, vifs=(VifTemplate("f{number}", "br-pm", "02:00:00:00:00:00", 1000, 7),))
    assert [(vif.ofport, vif.vlan) for number in (1, 300) for vif in template.domain(number).vifs] == [
        (1001, 7),
        (1300, 7),
    ]


def test_a_port_number_that_the_first_or_the_last_cannot_have_is_refused() -> None:
    def refused(ofport: int) -> list[str]:
        vif = VifTemplate("f{number}", "br-pm", "02:00:00:00:00:00", ofport)
        return messages(lambda: replace(TEMPLATE, vifs=(vif,)))

    assert refused(-1) == ["domain fw0001: vif 0: ofport is outside 1..65279, got 0; correct it"]
    assert refused(65000) == ["domain fw0300: vif 0: ofport is outside 1..65279, got 65300; correct it"]


def test_braces_of_a_configuration_stay() -> None:
    assert TEMPLATE.configuration_of(1) == "define($M 02:00:00:00:00:01); elementclass A { input -> output } // fw0001"


def test_only_known_words_are_filled_in() -> None:
    assert filled("{number} {number:03} {other} {}", 7) == "7 007 {other} {}"


def test_a_template_for_several_domains_needs_the_number_in_names_and_devices() -> None:
    with pytest.raises(FlowstreamError) as error:
        replace(TEMPLATE, name="fw", vifs=(VifTemplate("f", "br-pm", "02:00:00:00:00:00"),))
    assert error.value.messages == (
        "domains fw: name is the same for all, got 'fw'; write {number} in it",
        "domains fw: vif 0: device is the same for all, got 'f'; write {number} in it",
    )


def test_a_device_that_gets_too_long_is_refused_before_anything_is_made() -> None:
    with pytest.raises(FlowstreamError, match="device is not a valid name of an interface"):
        replace(TEMPLATE, count=10**9, vifs=(VifTemplate("firewall{number}", "br-pm", "02:00:00:00:00:00"),))


def test_the_digest_tells_templates_apart_but_not_ranges() -> None:
    assert replace(TEMPLATE, count=5).digest == TEMPLATE.digest
    assert replace(TEMPLATE, memory_kib=8192).digest != TEMPLATE.digest
    assert replace(TEMPLATE, vifs=(replace(TEMPLATE.vifs[0], vlan=7),)).digest != TEMPLATE.digest


def test_ranges_are_short() -> None:
    assert ranges([7, 1, 2, 3, 9, 10]) == "1-3, 7, 9-10"
    assert ranges([]) == ""
