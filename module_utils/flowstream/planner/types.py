# SPDX-License-Identifier: Apache-2.0
"""The types of processing that there are. A new one is a folder of middleboxes/, its template, and a line here.

Ansible ships only what an import names in the text, so the list is one of imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.firewall.firewall import Firewall
from ansible.module_utils.flowstream.middleboxes.middlebox import Middlebox
from ansible.module_utils.flowstream.middleboxes.router.router import IpRouter

Types = Mapping[str, Middlebox]


def types_of(middleboxes: Sequence[Middlebox]) -> Types:
    """Return them by the word that an allocation's `type` has for each."""
    return {middlebox.declaration.type: middlebox for middlebox in middleboxes}


TYPES: Types = types_of([IpRouter(), Firewall()])


def middlebox_of(kind: str, types: Types = TYPES) -> Middlebox:
    """The type that a plan names."""
    if kind not in types:
        raise FlowstreamError(f"cannot read plan: its type is {kind}, not {' or '.join(types)}; plan again")
    return types[kind]


def counters_of(portids: Sequence[int], types: Types = TYPES) -> list[str]:
    """The handlers that count in a module, whichever type it is of, on a platform with these ports."""
    return list(dict.fromkeys(name for known in types.values() for name in known.counters.of_ports(portids)))


def titles_of(types: Types = TYPES) -> dict[str, str]:
    """What tables call handlers, where the handler's own name does not say it."""
    return {name: title for known in types.values() for name, title in known.counters.titles.items()}
