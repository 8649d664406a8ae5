# SPDX-License-Identifier: Apache-2.0
"""The switch that the proof follows and the slow one of the model do the same to every packet."""

from __future__ import annotations

from random import Random

import pytest

from .both_switches import by_model, by_proof
from .random_tables import PORTS, packet, tables

ROUNDS, PACKETS = 150, 5


@pytest.mark.parametrize("seed", range(5))
def test_both_switches_send_the_same_copies_of_random_packets_through_random_tables(seed: int) -> None:
    random = Random(seed)
    copies = changed = 0
    for _ in range(ROUNDS):
        switch = tables(random)
        for _ in range(PACKETS):
            fields, dice, down = packet(random), random.randrange(1 << 30), {random.choice(PORTS)}
            expected = by_model(switch, fields, dice, down)
            assert by_proof(switch, fields, dice, down) == expected, (fields, switch)
            copies += len(expected)
            changed += sum(copy != expected[0][1] for _, copy in expected)
    assert copies > ROUNDS
    assert changed > ROUNDS / 5
