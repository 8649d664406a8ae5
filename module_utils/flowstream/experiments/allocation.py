# SPDX-License-Identifier: Apache-2.0
"""The allocation of a setup, from the template of its processing; it is deployed as any other."""

from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.addresses import Prefix, address_text
from ansible.module_utils.flowstream.experiments.description import Description
from ansible.module_utils.flowstream.experiments.load import DESTINATIONS, SOURCES, blocks
from ansible.module_utils.flowstream.experiments.matrix import Setup
from ansible.module_utils.flowstream.templates import filled_in


def allocation_of(description: Description, setup: Setup, templates: Path, sender: str, receiver: str) -> str:
    """Return the text of the allocation; `sender` and `receiver` are addresses of the machines behind the two ports."""
    modules = [
        {"id": number, "sources": _block(sources), "destinations": _block(destinations)}
        for number, (sources, destinations) in enumerate(
            zip(blocks(SOURCES, setup.modules), blocks(DESTINATIONS, setup.modules), strict=True)
        )
    ]
    return filled_in(
        templates,
        f"{setup.processing}.yml.j2",
        {
            "id": description.id,
            "ports": description.ports,
            "modules": modules,
            "kind": setup.kind,
            "sender": sender,
            "receiver": receiver,
        },
        f"write the allocation of {setup.name}",
    )


def _block(prefix: Prefix) -> dict[str, str | int]:
    return {"addr": address_text(prefix.network), "mask": prefix.length}
