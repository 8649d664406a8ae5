# SPDX-License-Identifier: Apache-2.0
"""Pictures of a plan as text of graphviz: the platform with its modules, and the ways of one platform port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from ansible.module_utils.flowstream.picture.drawing import Drawing
from ansible.module_utils.flowstream.picture.ways import Hop, Step, Way
from ansible.module_utils.flowstream.plan.plan import HostPlan, Plan, PlannedPm, PlannedPort
from ansible.module_utils.flowstream.plan.stage import PlannedDevice

MOST_PORTS = 16
MOST_HOSTS = 16
MOST_ON_HOST = 8
"""What of a large platform is drawn; what there is more of is counted."""
MOST_MODULES = 16
"""On the picture of a port."""
_LINES = 2
_LONG = 4

_Key = tuple[object, ...]


def platform(*plans: Plan) -> Drawing:
    """Return the picture of all switches, and of the hosts that have modules of some of these plans, which are of one platform.

    What stands for something is marked: links between machines by `link`, switch, port, and which of its counters has what goes from the
    line's tail to its head; those of modules by `arm`, the module and its counter; modules by `module` and their name, switches and
    hosts by `machine` and theirs, platform ports by `port` and their number.
    """
    drawing = Drawing("platform", "Switches, hosts and modules")
    ports = list({port.portid: port for plan in plans for port in plan.ports}.values())
    switches = {
        name: drawing.node("switch", name, f"bridge {bridge.bridge}", mark=("machine", name))
        for name, bridge in {name: bridge for plan in plans for name, bridge in plan.switches.items()}.items()
    }
    hosts = _hosts(plans)
    used = {name: host for name, host in hosts.items() if host.pms}
    idle = len(hosts) - len(used)
    for name, switch in switches.items():
        here = [port for port in ports if port.switch in ("", name)]
        for port in here[:MOST_PORTS]:
            node = drawing.node("port", *_port_lines(port), mark=("port", str(port.portid)))
            mark = ("link", name, str(port.switchport), "received")
            drawing.edge(node, switch, head=str(port.switchport), arrow=False, mark=mark)
        for line in _more(len(here), MOST_PORTS, "port"):
            drawing.edge(drawing.node("more", line), switch, arrow=False)
    _links(drawing, plans[0], switches)
    for device in [device for plan in plans for device in plan.devices]:
        tail = f"{device.outside_port}, {device.inside_port}"
        mark = ("link", device.switch, str(device.outside_port), "sent")
        node = drawing.node("device", *_device_lines(device))
        drawing.edge(switches[device.switch], node, tail=tail, arrow=False, mark=mark)
    for name, host in list(used.items())[:MOST_HOSTS]:
        node = drawing.node("host", name, host.driver, f"bridge {host.bridge}", mark=("machine", name))
        ends = {"tail": str(host.switch_port), "head": str(host.uplink_port)}
        mark = ("link", host.switch, str(host.switch_port), "sent")
        drawing.edge(switches[host.switch], node, **ends, arrow=False, mark=mark)
        _modules(drawing, node, host)
    for switch in list(switches.values())[:1]:
        more = _more(len(used), MOST_HOSTS, "host")
        for line in (*more, *((f"{counted(idle, 'host')} without a module",) if idle else ())):
            drawing.edge(switch, drawing.node("more", line), arrow=False)
    return drawing


def _links(drawing: Drawing, plan: Plan, switches: Mapping[str, str]) -> None:
    """The links between switches, each once: its counter is that of the end whose name comes first."""
    for name, switch in plan.switches.items():
        for port, end in switch.fabric.links.items():
            if (name, port) < end:
                ends = {"tail": str(port), "head": str(end.port)}
                mark = ("link", name, str(port), "sent")
                drawing.edge(switches[name], switches[end.switch], **ends, arrow=False, mark=mark)


def _hosts(plans: Sequence[Plan]) -> dict[str, HostPlan]:
    """Each host with its modules of all plans."""
    found: dict[str, HostPlan] = {}
    for plan in plans:
        for name, host in plan.hosts.items():
            found[name] = replace(host, pms=(*found[name].pms, *host.pms)) if name in found else host
    return found


def path(plan: Plan, port: PlannedPort, ways: Sequence[Way]) -> str:
    """Return the picture of what enters by a port and of what leaves by it; long ways lead down, so that a phone has room."""
    title = f"What enters by port {port.portid}, and what leaves by it"
    longest = max((len(way.steps) for way in ways), default=0)
    drawing = Drawing(f"port{port.portid}", title, down=longest > _LONG)
    start = drawing.node("port", *_port_lines(port), "in")
    nodes: dict[_Key, str] = {}
    for way in ways:
        keys = list(_keys(way))
        for key, step in zip(keys, way.steps, strict=True):
            if key not in nodes:
                nodes[key] = _step(drawing, step, plan.switches)
        if way.inward:
            drawing.edge(start, nodes[keys[0]])
        for (one, other), (step, onward) in zip(pairwise(keys), pairwise(way.steps), strict=True):
            arrives = way.inward and onward is way.steps[-1]
            lines = (*_leaving(step), *(_claims(way) if arrives else ()))
            drawing.edge(nodes[one], nodes[other], *lines, tip=_reasons(step))
        if not way.inward:
            out = nodes.get(("out",)) or drawing.node("port", *_port_lines(port), "out")
            nodes["out",] = out
            drawing.edge(nodes[keys[-1]], out, *_leaving(way.steps[-1]), tip=_reasons(way.steps[-1]))
    return drawing.text


def counted(number: int, one: str) -> str:
    """Return so many of something in words."""
    return f"{number:,} {one if number == 1 else one + 's'}"


def _modules(drawing: Drawing, node: str, host: HostPlan) -> None:
    for pm in host.pms[:MOST_ON_HOST]:
        module = drawing.node("module", *_module_lines(pm), pm.kind, tip=pm.why, mark=("module", pm.name))
        for vif in pm.vifs:
            drawing.edge(node, module, tail=str(vif.ofport), arrow=False, mark=("arm", pm.name, "received"))
    for line in _more(len(host.pms), MOST_ON_HOST, "module"):
        drawing.edge(node, drawing.node("more", line), arrow=False)


def _keys(way: Way) -> Iterator[_Key]:
    """Which node each step is: a bridge is one where the same modules have been passed, and on the way out are still to be.

    The allocation's own module, where ways in end and ways out begin, is one node.
    """
    names = way.modules
    passed = 0
    for step in way.steps:
        if isinstance(step, Hop):
            yield way.inward, names[:passed] if way.inward else names[passed:], step.bridge
            continue
        passed += 1
        if step.stage is None:
            yield "own", step.name
        else:
            yield way.inward, names[:passed] if way.inward else names[passed:], "stage", step.name


def _step(drawing: Drawing, step: Step, switches: Mapping[str, object]) -> str:
    if isinstance(step, Hop):
        return drawing.node("switch" if step.bridge in switches else "host", step.bridge, tip=_reasons(step))
    if isinstance(step, PlannedDevice):
        return drawing.node("device", f"stage {step.stage.stage_id}", *_device_lines(step)[:2])
    return drawing.node("module", *_module_lines(step), tip=step.why)


def _leaving(step: Step) -> tuple[str, ...]:
    return (step.leaving,) if isinstance(step, Hop) else ()


def _reasons(step: Step) -> str:
    return "\n".join(flow.why for flow in step.entries) if isinstance(step, Hop) else ""


def _port_lines(port: PlannedPort) -> tuple[str, ...]:
    return (f"port {port.portid}", *(str(interface) for interface in port.addresses[:_LINES]))


def _module_lines(pm: PlannedPm) -> tuple[str, ...]:
    return (pm.name,) if pm.stage is None else (f"stage {pm.stage.stage_id}", pm.stage.type, pm.name)


def _device_lines(device: PlannedDevice) -> tuple[str, ...]:
    return device.name, "device", "past it when it is down" if device.bypass else "nothing passes when it is down"


def _claims(way: Way) -> tuple[str, ...]:
    return (*map(str, way.packets[:_LINES]), *_more(len(way.packets), _LINES, "claim"))


def _more(number: int, most: int, what: str) -> tuple[str, ...]:
    return (f"and {counted(number - most, 'more ' + what)}",) if number > most else ()
