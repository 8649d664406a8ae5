# SPDX-License-Identifier: Apache-2.0
"""A real Open vSwitch does to random packets what the proof says that it does."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from ..model.both_switches import every_way_by_proof
from ..model.random_tables import PORTS, packet, tables
from .private_switch import PrivateSwitch

pytestmark = pytest.mark.live

DOWN = (5,)
ROUNDS, PACKETS = 60, 5


@pytest.fixture(scope="module")
def switch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateSwitch]:
    private = PrivateSwitch(tmp_path_factory.mktemp("ovs"), len(PORTS), DOWN)
    yield private
    private.stop()


def test_open_vswitch_sends_the_same_copies_of_random_packets_through_random_tables(switch: PrivateSwitch) -> None:
    random = Random(3)
    copies = 0
    for _ in range(ROUNDS):
        made = tables(random)
        switch.replace(map(str, made.flows), map(str, made.groups))
        for _ in range(PACKETS):
            fields = packet(random)
            sent = switch.trace(fields)
            # Which bucket a packet's hash takes is the switch's secret: one of the ways must be what it did.
            assert sent in every_way_by_proof(made, fields, DOWN), (fields, sent, made)
            copies += len(sent)
    assert copies > ROUNDS
