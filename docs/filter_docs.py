# SPDX-License-Identifier: Apache-2.0
"""What `ansible-doc -t filter` says of each filter: its docstring and its signature, and what recurs among the arguments.

Ansible looks for it in a file beside the plugin, since one plugin has all filters.
"""

from __future__ import annotations

import importlib.util
import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
PLUGIN = ROOT / "filter_plugins" / "flowstream.py"
NOTICE = "# SPDX-License-Identifier: Apache-2.0\n# Written by `make docs`; edit the function that filter_plugins/flowstream.py names instead.\n"

ARGUMENTS = {
    "address": "An IPv4 address.",
    "after": "The same after a change.",
    "account": "What the platform said of itself, as P(flowstream_account#filter) returns it.",
    "allocation": "The id of the allocation.",
    "at": "A time in UTC.",
    "before": "Results from before.",
    "cell": "One of the measurements that M(experiment_plan) returns for a deployment.",
    "deployed": "The plan that is deployed, as M(plan_history_info) returns it.",
    "devices": "The names of the devices.",
    "drops": "By how much the counters of dropped packets grew, C(modules) by handler and C(switch).",
    "endpoints": "The traffic endpoints by name, as P(flowstream_endpoints#filter) returns them.",
    "failure": "C(back) or C(stop).",
    "followed": "What M(click_follower) returned; empty where it has not carried all.",
    "gates": "The verdicts of the rollout so far.",
    "generations": "What is kept of an allocation, as M(plan_history_info) returns it.",
    "groups": "The groups of the inventory.",
    "handlers": "Names of handlers.",
    "health": "When a module counts as well, C(rollout_health).",
    "host": "The name of the module host.",
    "hosts": "The names of the hosts.",
    "hostvars": "The variables of all machines, C(hostvars).",
    "looked": "Whether nothing was done, but only looked at.",
    "measures": "The results of a loop over C(iperf3 --json).",
    "module_hosts": "The names of the module hosts.",
    "moments": "Lists of a stage's name and the time in seconds at which it began; the last is the end.",
    "move": "One of the moves that M(allocation_plan) returns.",
    "name": "The name of the switch or module host.",
    "names": "The names of the machines.",
    "outcome": "What P(flowstream_outcomes#filter) returned.",
    "packets": "How many packets each stream has.",
    "part": "The part of the rollout, V(canary), V(waves) or V(back).",
    "pattern": "A pattern of machines, as C(hosts) of a play has it.",
    "plan": "The plan, as M(allocation_plan) returns it.",
    "plan_texts": "The texts of C(plan.json) of plans that are at hand.",
    "plans": "Plans, each as M(allocation_plan) returns it.",
    "platform": "The facts that P(flowstream_platform#filter) returns.",
    "platform_ports": "The platform's own addresses by port.",
    "platform_tenants": "What each tenant may have, by name.",
    "port": "A port of TCP or UDP.",
    "port_type": "The type of interface that ports have in Open vSwitch.",
    "portids": "The numbers of the platform ports.",
    "ports": "The OpenFlow port number of each interface.",
    "results": "What the module registered that was asked, by name or as a list.",
    "rollout": "What P(flowstream_rollout#filter) returned.",
    "rounds": "What each round carried.",
    "running": "The configurations that modules run, by name.",
    "seconds": "How long it took, in seconds.",
    "secrets": "The keys of VPN gateways by name, C(vpn_secrets).",
    "switch": "The name of the switch.",
    "switches": "The names of the switches.",
    "templates": "The folder of the templates of Click configurations.",
    "text": "Any text.",
    "texts": "Points as a person writes them, such as C(port:0).",
    "took": "Seconds since the first round, 0 for unknown; where nothing was done yet, none.",
    "touched": "The names of modules whose traffic was meant to be touched.",
    "tree": "The folder of this tree.",
    "variables": "The variables of the machine.",
    "waited": "Seconds for which packets waited at most; none where none came, or nothing is known of them.",
    "weight": "Percent of the flows, C(rollout_weight).",
    "wishes": "What somebody wants, by name.",
}


def filter_files() -> dict[Path, str]:
    """Return the file of each filter."""
    spec = importlib.util.spec_from_file_location("flowstream_filters", PLUGIN)
    if spec is None or spec.loader is None:
        raise ImportError(PLUGIN)
    plugin = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(plugin)
    filters: Mapping[str, Callable[..., Any]] = plugin.FilterModule().functions()
    return {PLUGIN.with_name(f"{name}.yml"): filter_file(name, function) for name, function in filters.items()}


def filter_file(name: str, function: Callable[..., Any]) -> str:
    """Return what Ansible reads of a filter."""
    first, *rest = (marked_up(" ".join(part.split())) for part in inspect.getdoc(function).split("\n\n"))
    hints = typing.get_type_hints(function)
    what = first.removeprefix("Return ").removeprefix("Return, ").removesuffix(".")
    parameters = list(inspect.signature(function).parameters.values())
    options = {
        parameter.name if place else "_input": option(parameter, hints[parameter.name])
        for place, parameter in enumerate(parameters)
    }
    documentation = {
        "name": name,
        "author": "Flowstream",
        "version_added": "0.1.0",
        "short_description": what[0].upper() + what[1:],
        "description": [first, *rest],
        "positional": ", ".join(one.name for one in parameters[1:] if one.kind is not one.KEYWORD_ONLY),
        "options": options,
    }
    returned = {"_value": {"description": f"{what[0].upper()}{what[1:]}.", "type": kind(hints["return"])}}
    content = {"DOCUMENTATION": documentation, "EXAMPLES": example(name, parameters), "RETURN": returned}
    return NOTICE + yaml.dump(content, Dumper=_Indented, sort_keys=False, width=120)


class _Indented(yaml.SafeDumper):
    """Sets lists off from the key that they are under."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, indentless=False)


def option(parameter: inspect.Parameter, hint: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"description": ARGUMENTS[parameter.name], "type": kind(hint)}
    if parameter.default is parameter.empty:
        found["required"] = True
    elif parameter.default is not None:
        found["default"] = parameter.default
    return found


def kind(hint: Any) -> str:
    """Return Ansible's word for a type."""
    names = {str: "str", int: "int", bool: "bool", float: "float"}
    if hint in names:
        return names[hint]
    origin = typing.get_origin(hint)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "dict"
    if isinstance(origin, type) and not issubclass(origin, type(None)) and hasattr(origin, "__iter__"):
        return "list"
    return kind(next(one for one in typing.get_args(hint) if one is not type(None)))


def example(name: str, parameters: Sequence[inspect.Parameter]) -> str:
    arguments = [f"{one.name}={one.name}" if one.kind is one.KEYWORD_ONLY else one.name for one in parameters[1:]]
    call = f"({', '.join(arguments)})" if arguments else ""
    return f'result: "{{{{ {parameters[0].name} | {name}{call} }}}}"'


def marked_up(text: str) -> str:
    """Return a docstring's text with Ansible's mark-up for what stands between backquotes."""
    return re.sub(r"`([^`]*)`", r"C(\1)", text)
