# SPDX-License-Identifier: Apache-2.0
"""The names are those that systemd-escape prints."""

from __future__ import annotations

import pytest
from ansible.module_utils.flowstream.world.systemd_names import instance_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("uplink", "uplink"),
        ("br-pm", r"br\x2dpm"),
        ("-lead", r"\x2dlead"),
        ("eth0.100", "eth0.100"),
        (".hidden", r"\x2ehidden"),
        ("up/link", "up-link"),
        ("x:y_z", "x:y_z"),
        (r"a\b", r"a\x5cb"),
        ("Hallöchen, Meister", r"Hall\xc3\xb6chen\x2c\x20Meister"),
        ("", ""),
    ],
)
def test_a_text_is_spelled_as_systemd_escape_does(text: str, name: str) -> None:
    assert instance_name(text) == name
