# SPDX-License-Identifier: Apache-2.0
"""What the exporter of a machine is told to read, from the file that role monitoring writes. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.flowstream.errors import FlowstreamError


@dataclass(frozen=True, slots=True)
class BridgeToRead:
    """A bridge: its machine, name and address (the name, where it is one of this machine's); `ports` says whether its ports count, too."""

    machine: str
    bridge: str
    address: str
    version: str = "OpenFlow13"
    ports: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it. `driver` is that of the modules (process, xen), empty where there are none; `seconds` is what all may take."""

    machine: str
    bridges: tuple[BridgeToRead, ...]
    driver: str = ""
    toolstack: str = "libvirt"
    capacity: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 8

    @classmethod
    def parse(cls, text: str) -> Settings:
        """Read the file."""
        try:
            plain: dict[str, Any] = json.loads(text)
            return cls(**{**plain, "bridges": tuple(BridgeToRead(**bridge) for bridge in plain["bridges"])})
        except (ValueError, KeyError, TypeError) as error:
            raise FlowstreamError(
                f"cannot read the settings of the exporter: {error}; run monitoring.yml again"
            ) from error
