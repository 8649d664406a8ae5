# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.declaration import Declaration, declared_pms, problems_together

from .pms import PM


def test_items_that_are_no_planned_modules_are_named() -> None:
    with pytest.raises(FlowstreamError) as error:
        declared_pms([5, {"name": "x"}, {**PM.to_dict(), "vifs": [{"device": "d"}]}, PM.to_dict()])
    assert error.value.messages[0] == "pms[0]: got 5; write a mapping as in the plan"
    assert error.value.messages[1] == "pms[1]: x: has no id; take it from the plan"
    assert error.value.messages[2].startswith("pms[2]: a-pm0: Vif.__init__() missing")
    assert len(error.value.messages) == 3


def test_modules_that_get_in_each_others_way_are_named() -> None:
    elsewhere = replace(PM, name="a-pm1", vifs=(replace(PM.vifs[0], device="pm0000abce", ofport=4712),))
    assert problems_together([PM, elsewhere]) == []
    assert problems_together([PM, replace(PM, name="a-pm1", config=" \n"), PM]) == [
        "pm a-pm1: its configuration is empty",
        "pm a-pm0: is declared twice; keep one",
        "pm a-pm1: device pm0000abcd is that of pm a-pm0; choose another",
        "pm a-pm1: ofport 4711 is that of pm a-pm0; choose another",
    ]


def test_an_absent_allocation_without_named_modules_means_all_of_it() -> None:
    seen = ["a-pm0", "a-pm1"]
    assert Declaration("a", [], "absent", exclusive=False).to_remove(seen) == seen
    assert Declaration("a", [PM], "absent", exclusive=False).to_remove(seen) == ["a-pm0"]
    assert Declaration("a", [PM], "started", exclusive=True).to_remove(seen) == ["a-pm1"]
    assert Declaration("a", [PM], "started", exclusive=False).to_remove(seen) == []
