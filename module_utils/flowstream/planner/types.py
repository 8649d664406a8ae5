# SPDX-License-Identifier: Apache-2.0
"""The types of processing that there are, and those of stages. A new one is a folder of middleboxes/, its template, and a line here.

Ansible ships only what an import names in the text, so the list is one of imports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.middleboxes.balancer.balancer import LoadBalancer
from ansible.module_utils.flowstream.middleboxes.bng.bng import SubscriberEdge
from ansible.module_utils.flowstream.middleboxes.click.click import OwnClick
from ansible.module_utils.flowstream.middleboxes.firewall.firewall import Firewall
from ansible.module_utils.flowstream.middleboxes.firewall.stage import FirewallStage
from ansible.module_utils.flowstream.middleboxes.flowmonitor.flowmonitor import FlowMonitor
from ansible.module_utils.flowstream.middleboxes.generator.generator import Generator
from ansible.module_utils.flowstream.middleboxes.ids.ids import Ids
from ansible.module_utils.flowstream.middleboxes.middlebox import Counting, Kinds, Middlebox
from ansible.module_utils.flowstream.middleboxes.nat.nat import Nat
from ansible.module_utils.flowstream.middleboxes.router.router import IpRouter
from ansible.module_utils.flowstream.middleboxes.shaper.shaper import Shaper
from ansible.module_utils.flowstream.middleboxes.stage import StageType
from ansible.module_utils.flowstream.middleboxes.translator.translator import Translator
from ansible.module_utils.flowstream.middleboxes.vpngateway.vpngateway import VpnGateway

Types = Mapping[str, Middlebox]
Stages = Mapping[str, StageType]


def types_of(middleboxes: Sequence[Middlebox]) -> Types:
    """Return them by the word that an allocation's `type` has for each."""
    return {middlebox.declaration.type: middlebox for middlebox in middleboxes}


def stages_of(kinds: Sequence[StageType]) -> Stages:
    """Return them by the word that a stage's `type` has for each."""
    return {kind.declaration.type: kind for kind in kinds}


TYPES: Types = types_of(
    [IpRouter(), Firewall(), Nat(), LoadBalancer(), Translator(), SubscriberEdge(), Generator(), OwnClick()]
)
STAGES: Stages = stages_of([FirewallStage(), FlowMonitor(), Ids(), Shaper(), VpnGateway()])


def middlebox_of(kind: str, types: Types = TYPES) -> Middlebox:
    """The type that a plan names."""
    if kind not in types:
        raise FlowstreamError(f"cannot read plan: its type is {kind}, not {' or '.join(types)}; plan again")
    return types[kind]


def kinds_of(allocation: Allocation, types: Types = TYPES, stages: Stages = STAGES) -> Kinds:
    """Return the types of an allocation's own modules and of those of its stages."""
    own = middlebox_of(allocation.type, types)
    return {pm.pm_id: (allocation.type, own) for pm in allocation.pms} | {
        pm.pm_id: (stage.type, stages[stage.type]) for stage in allocation.stages for pm in stage.pms
    }


def dearest_packet(types: Types = TYPES, stages: Stages = STAGES) -> int:
    """What a packet costs at most, in nanoseconds, where nobody says which type a module is of."""
    known: list[Counting] = [*types.values(), *stages.values()]
    return max(each.cost.packet_ns for each in known)


def counters_of(portids: Sequence[int], types: Types = TYPES, stages: Stages = STAGES) -> list[str]:
    """The handlers that count in a module, whichever type it is of, on a platform with these ports."""
    known: list[Counting] = [*types.values(), *stages.values()]
    return list(dict.fromkeys(name for each in known for name in each.counters.of_ports(portids)))


def titles_of(types: Types = TYPES, stages: Stages = STAGES) -> dict[str, str]:
    """What tables call handlers, where the handler's own name does not say it."""
    known: list[Counting] = [*types.values(), *stages.values()]
    return {name: title for each in known for name, title in each.counters.titles.items()}
