# SPDX-License-Identifier: Apache-2.0
"""The way to a running Click that a module's arguments name: a ControlSocket, or the XenStore of a ClickOS domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.control.socket import Address, ClickControl, ControlSocket
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.store import find_domain

CLICKOS_ARGUMENTS: dict[str, Any] = {
    "domain": {"type": "str", "required": True},
    "router": {"type": "int", "default": 0},
    "timeout": {"type": "float", "default": 10},
}
"""The arguments of a module that speaks to a ClickOS domain; the fragment click_connection documents them."""
CLICK_ARGUMENTS: dict[str, Any] = {**CLICKOS_ARGUMENTS, "domain": {"type": "str"}, "socket": {"type": "str"}}
"""Those of a module that speaks to any Click."""
ONE_CONNECTION = ("socket", "domain")


@contextmanager
def connect(params: Mapping[str, Any]) -> Iterator[ClickControl]:
    """The Click of these arguments, for as long as the context lasts."""
    if params["socket"] is not None:
        with ControlSocket(Address.parse(params["socket"]), params["timeout"]) as control:
            yield control
    else:
        with connect_domain(params) as router:
            yield router


@contextmanager
def connect_domain(params: Mapping[str, Any]) -> Iterator[ClickOsControl]:
    """The router of a ClickOS domain of these arguments, for as long as the context lasts."""
    with LibraryXenStore(params["timeout"]) as store:
        domain = find_domain(store, params["domain"])
        with ClickOsControl(store, domain, params["router"], params["timeout"]) as control:
            yield control
