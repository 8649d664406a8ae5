# SPDX-License-Identifier: Apache-2.0
"""A stage that is carried by somebody else's middlebox: what its element says instead of modules."""

from __future__ import annotations

from ansible.module_utils.flowstream.addresses import shown
from ansible.module_utils.flowstream.allocation.document import Declaration
from ansible.module_utils.flowstream.allocation.element import Element
from ansible.module_utils.flowstream.allocation.model import UNREAD_TEXT, UsedDevice
from ansible.module_utils.flowstream.allocation.shape import Attribute, Value, choice
from ansible.module_utils.flowstream.allocation.values import Values, one_of

BYPASS, BLOCK = "bypass", "block"
DOWN = (BYPASS, BLOCK)

DEVICE = Declaration(
    type="device",
    subtypes={},
    text="A device of the platform that is not ours, such as a firewall or an IDS with two ports: packets go into it without a tag,"
    " and are found again by the port that they come back by. [How](paths.md)",
    attributes=(
        Attribute(
            "device",
            Value("devicename", "a name of group `devices` in the inventory", facets=(("minLength", "1"),)),
            "which one carries the stage; it carries no other",
            "the name of a device in the inventory's group devices",
        ),
        Attribute(
            "down",
            one_of("down", DOWN),
            "what becomes of packets when a port of the device is down: `bypass` lets them go past it, `block` does not",
            "bypass or block, for when the device is down",
        ),
    ),
)
"""The type of such stages."""


def read_device(stage: Element, values: Values) -> UsedDevice:
    """Read it; UNREAD_TEXT stands for what is missing or wrong."""
    down = stage.attributes.get("down", UNREAD_TEXT)
    if down and down not in DOWN:
        values.error(stage, "down", f"down is unknown, got {shown(down)}; use {choice(DOWN)}")
    return UsedDevice(stage.attributes.get("device", UNREAD_TEXT), down)
