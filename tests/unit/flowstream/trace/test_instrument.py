# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from ansible.module_utils.flowstream.control.flat import Connection
from ansible.module_utils.flowstream.trace.instrument import (
    elements_of,
    instrumented,
    passed,
)

from ..conftest import messages

FLAT = """way :: Classifier(12/0800 "a -> b;",

  -);
from_device/frames :: CheckLength(14);

from_device/frames [1] -> way
    -> [2] q
    -> to_device/SetTimestamp@1;
way [1] -> Discard@3;
"""


def test_every_connection_of_a_flat_configuration_says_what_passes() -> None:
    text, connections = instrumented(FLAT)
    assert connections == [
        Connection("from_device/frames", 1, "way", 0),
        Connection("way", 0, "q", 2),
        Connection("q", 0, "to_device/SetTimestamp@1", 0),
        Connection("way", 1, "Discard@3", 0),
    ]
    assert text.startswith(FLAT[: FLAT.index("\n\nfrom_device/frames [1]")])
    assert "way [0] -> Print(trace1, MAXLENGTH 2048, TIMESTAMP true) -> [2] q;" in text


def test_what_is_no_connection_is_refused() -> None:
    assert messages(lambda: instrumented("a :: Idle;\n\na => b;\n")) == [
        "cannot follow a flat configuration: its connection a => b is not understood"
    ]


def test_only_the_packet_itself_counts_and_only_after_it_came() -> None:
    _, connections = instrumented(FLAT)
    said = [
        "trace0: 1000000001.000000:   4 | aabbccdd",
        "trace0: 1000000002.000000:   4 | aabbccdd",
        "trace1: 1000000002.000001:   4 | 00000000",
        "trace1: 1000000002.500000:   6 | 00aabbcc dd00",
        "something else",
    ]
    assert passed(said, connections, [bytes.fromhex("aabbccdd")]) == connections[:2]


def test_a_person_reads_devices_as_one_element_and_branches_with_their_output() -> None:
    _, connections = instrumented(FLAT)
    assert elements_of(connections[:3]) == ["from_device", "way", "q", "to_device"]
    assert elements_of([connections[0], connections[3]]) == ["from_device", "way [1]", "Discard@3"]
    assert elements_of([*connections[:2], connections[3]]) == ["from_device", "way", "q", "(from way) [1]", "Discard@3"]
