# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from random import Random

from ansible.module_utils.flowstream.flows.classes import Question, classes, remaining
from ansible.module_utils.flowstream.flows.packet import Constraint


def prefix(field: str, address: int, length: int) -> Constraint:
    mask = 0xFFFFFFFF ^ (0xFFFFFFFF >> length)
    return Constraint(field, address & mask, mask)


def answers(question: Question, values: dict[str, int]) -> bool:
    return all(values.get(one.field, 0) & one.mask == one.value for one in question)


def test_without_a_question_there_is_one_class() -> None:
    assert [(one.values, one.yes) for one in classes(frozenset())] == [({}, frozenset())]


def test_a_class_has_its_smallest_packet_and_what_it_answers() -> None:
    low, high = (prefix("nw_dst", 10 << 24, 8),), (prefix("nw_dst", (10 << 24) + (1 << 16), 16),)
    assert [(one.values, one.yes) for one in classes(frozenset((low, high)))] == [
        ({"nw_dst": 0}, frozenset()),
        ({"nw_dst": 0x0A000000}, frozenset((low,))),
        ({"nw_dst": 0x0A010000}, frozenset((low, high))),
    ]


def test_fields_are_combined_only_where_a_question_asks_for_both() -> None:
    pairs = [(Constraint("tp_dst", port, 0xFFFF), Constraint("tp_src", port, 0xFFFF)) for port in range(1, 301)]
    assert len(classes(frozenset(pairs))) == 301


def test_every_combination_that_tells_packets_apart_is_there_whatever_the_masks() -> None:
    random = Random(1)
    for _ in range(200):
        questions: set[Question] = set()
        for _ in range(random.randint(1, 6)):
            fields = random.sample(("reg0", "vlan_tci", "nw_tos"), random.randint(1, 3))
            masks = {field: random.randint(1, 15) for field in fields}
            questions.add(tuple(sorted(Constraint(f, random.randint(0, 15) & masks[f], masks[f]) for f in fields)))
        found = classes(frozenset(questions))
        assert all(one.yes == {q for q in questions if answers(q, dict(one.values))} for one in found)
        every = {
            frozenset(q for q in questions if answers(q, {"reg0": a, "vlan_tci": b, "nw_tos": c}))
            for a in range(16)
            for b in range(16)
            for c in range(16)
        }
        assert {one.yes for one in found} == every
        assert len(found) == len(every)


def test_what_is_given_is_not_asked_again() -> None:
    question = (Constraint("dl_type", 0x0800, 0xFFFF), prefix("nw_dst", 0, 1))
    assert remaining(question, {"dl_type": 0x0800}) == (prefix("nw_dst", 0, 1),)
    assert remaining(question, {"dl_type": 0x0806}) is None
