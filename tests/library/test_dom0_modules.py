# SPDX-License-Identifier: Apache-2.0
"""The modules of a dom0 on a machine that is none; on one, molecule/dom0_limits runs them."""

from __future__ import annotations

import pytest

from .conftest import Host


@pytest.mark.parametrize("module", ["dom0_capacity", "dom0_limits"])
def test_a_machine_that_is_no_dom0_is_told_so_and_left_alone(control_node: Host, module: str) -> None:
    answer = control_node.module(module, domains=1000)
    assert answer["failed"] is True
    assert answer["msg"] == "cannot ask Xen: this machine is not a dom0, or Xen's services are not up"


def test_numbers_without_sense_are_refused_before_anything_is_read(control_node: Host) -> None:
    assert control_node.module("dom0_capacity", domains=0)["msg"] == "domains must be a number from 1, got 0"
