# SPDX-License-Identifier: Apache-2.0
"""The ways into a Xen host that runs processing modules, each opened when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.world.run import Run
from ansible.module_utils.flowstream.xen.steps import SeenDomain
from ansible.module_utils.flowstream.xen.toolstack import Toolstack
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.store import Domain, XenStore


@dataclass(frozen=True)
class XenDoors:
    """Commands, the toolstack and XenStore."""

    run: Run
    toolstack: Callable[[], Toolstack]
    store: Callable[[], XenStore]

    def control(self, seen: SeenDomain, timeout: float) -> ClickOsControl:
        """The control of the router in a running domain; each answer may take `timeout` seconds."""
        number = seen.known.number if seen.known else 0
        return ClickOsControl(self.store(), Domain(number, seen.name), 0, timeout)


@contextmanager
def open_doors(run: Run, toolstack: Callable[[], Toolstack], timeout: float) -> Iterator[XenDoors]:
    """The ways into this host. `timeout` bounds each answer of XenStore, in seconds."""
    opened: list[LibraryXenStore] = []

    def store() -> XenStore:
        if not opened:
            opened.append(LibraryXenStore(timeout))
        return opened[0]

    try:
        yield XenDoors(run, toolstack, store)
    finally:
        for one in opened:
            one.close()
