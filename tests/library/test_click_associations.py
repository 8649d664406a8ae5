# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Host

CONFIG = "Idle -> encrypt :: IPsecESPEncap -> Discard; Idle -> decrypt :: IPsecESPUnencap -> Discard;\n"
KEYS = {number: f"{number:02x}" * 20 for number in range(1, 6)}
FIRST: dict[str, Any] = {"out": {"spi": "0x1001", "key": KEYS[1]}, "in": [{"spi": "0x2001", "key": KEYS[2]}]}
BOTH: dict[str, Any] = {"out": FIRST["out"], "in": [*FIRST["in"], {"spi": "8194", "key": KEYS[3]}]}
SECOND: dict[str, Any] = {"out": {"spi": "0x1002", "key": KEYS[4]}, "in": BOTH["in"][1:]}


@pytest.fixture
def gateway(control_node: Host, socket: str) -> str:
    assert control_node.module("click_config", socket=socket, content=CONFIG)["changed"]
    return socket


def have(host: Host, socket: str, wanted: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = host.module("click_associations", socket=socket, **wanted, **more)
    assert not any(key in json.dumps(answer) for key in KEYS.values())
    return answer


def shown(host: Host, socket: str) -> dict[str, str]:
    values = host.module("click_handler", socket=socket, read=["encrypt.sa", "decrypt.table"])["values"]
    return {name: " ".join(line.split()[0] for line in text.splitlines()) for name, text in values.items()}


def test_keys_are_predicted_given_and_then_left_alone(control_node: Host, gateway: str) -> None:
    predicted = have(control_node, gateway, FIRST, check=True)
    assert shown(control_node, gateway) == {"encrypt.sa": "", "decrypt.table": ""}
    done = have(control_node, gateway, FIRST)
    repeated = have(control_node, gateway, FIRST, exclusive=True)

    assert (
        done["changes"]
        == predicted["changes"]
        == [
            "receive by association 0x00002001",
            "send by association 0x00001001",
        ]
    )
    assert done["diff"] == predicted["diff"]
    assert done["diff"] == {"before": "", "after": "send by 0x00001001\nreceive by 0x00002001\n"}
    assert (repeated["changed"], repeated["changes"]) == (False, [])
    assert shown(control_node, gateway) == {"encrypt.sa": "0x00001001", "decrypt.table": "0x00002001"}


def test_new_keys_come_before_the_old_ones_go(control_node: Host, gateway: str) -> None:
    have(control_node, gateway, FIRST)
    assert have(control_node, gateway, BOTH)["changes"] == ["receive by association 0x00002002"]
    assert have(control_node, gateway, SECOND)["changes"] == ["send by association 0x00001002"]
    assert shown(control_node, gateway)["decrypt.table"] == "0x00002001 0x00002002"
    last = have(control_node, gateway, SECOND, exclusive=True)
    assert last["changes"] == ["forget association 0x00002001"]
    assert last["diff"]["after"] == "send by 0x00001002\nreceive by 0x00002002\n"
    assert shown(control_node, gateway) == {"encrypt.sa": "0x00001002", "decrypt.table": "0x00002002"}


def test_in_check_mode_a_gateway_that_is_not_there_yet_has_none(control_node: Host, tmp_path: Any) -> None:
    missing = str(tmp_path / "socket")
    assert len(have(control_node, missing, FIRST, check=True)["changes"]) == 2
    assert have(control_node, missing, FIRST)["failed"] is True


def test_what_is_wrong_with_keys_is_said_without_them(control_node: Host, gateway: str) -> None:
    wrong = {"out": {"spi": "7", "key": KEYS[1]}, "in": [{"spi": "0x2001", "key": KEYS[1][:-2]}]}
    failed = have(control_node, gateway, wrong)
    assert failed["msg"].splitlines() == [
        "out: spi is no number in 256..4294967295, got 7; write one",
        "in[0]: key is not 40, 56, 72 hexadecimal digits, got 38 characters; write the key and behind it the salt of 4 bytes,"
        " in quotes",
    ]
    same = {"out": {"spi": "0x1001", "key": KEYS[1]}, "in": [{"spi": "0x2001", "key": KEYS[1]}] * 2}
    assert have(control_node, gateway, same)["msg"].splitlines() == [
        "two associations have the same key; give each one of its own",
        "two associations of in have the same spi; give each one of its own",
    ]
    assert shown(control_node, gateway) == {"encrypt.sa": "", "decrypt.table": ""}
