# SPDX-License-Identifier: Apache-2.0
"""From allocation files to the folders with their plans: the pure planner with the files and the engine around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from ansible.module_utils.flowstream.allocation.document import ROOT
from ansible.module_utils.flowstream.allocation.model import Allocation
from ansible.module_utils.flowstream.allocation.shape import choice
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.history.fitted import fitted
from ansible.module_utils.flowstream.middleboxes.template import Render, renderer
from ansible.module_utils.flowstream.migration.absent import done_without, losses, missed, not_given_up, spared
from ansible.module_utils.flowstream.migration.copies import settle, unfinished
from ansible.module_utils.flowstream.migration.moves import Move, moves_of, pins_of, wishes
from ansible.module_utils.flowstream.migration.parts import Divided, divided
from ansible.module_utils.flowstream.migration.pinned import avoiding, pinned
from ansible.module_utils.flowstream.placement.balanced import Balanced
from ansible.module_utils.flowstream.placement.policy import BALANCED, Policy
from ansible.module_utils.flowstream.placement.request import Placer
from ansible.module_utils.flowstream.placement.round_robin import round_robin
from ansible.module_utils.flowstream.plan.changes import compare, file_differences
from ansible.module_utils.flowstream.plan.plan import PLAN_FOLDERS, PLAN_PAGE, Plan
from ansible.module_utils.flowstream.planner.joint import moves, unbounded, unread, with_plan
from ansible.module_utils.flowstream.planner.parser import SUFFIXES, Parsed, parse
from ansible.module_utils.flowstream.planner.planner import plan_allocation, with_addresses
from ansible.module_utils.flowstream.planner.types import (
    STAGES,
    TYPES,
    Stages,
    Types,
    dearest_packet,
    kinds_of,
    middlebox_of,
)
from ansible.module_utils.flowstream.platform.facts import Platform
from ansible.module_utils.flowstream.platform.occupancy import NOTHING, Occupancy
from ansible.module_utils.flowstream.sends.engine import check_configurations, judge_tenants
from ansible.module_utils.flowstream.world.files import read_text, remove_file, replace_file
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run

_OWN = 0o600
"""A configuration may say what is nobody else's business."""


PLAN_ARGUMENTS: dict[str, Any] = {
    "argument_spec": {
        "src": {"type": "path"},
        "earlier": {"type": "dict"},
        "platform": {"type": "dict", "required": True},
        "account": {"type": "dict"},
        "build_dir": {"type": "path", "required": True},
        "template_dir": {"type": "path", "required": True},
        "click": {"type": "path"},
        "elements": {"type": "list", "elements": "str", "default": []},
        "pins": {"type": "dict", "default": {}},
        "parts": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {name: {"type": "str", "required": True} for name in ("module", "prefix", "host")},
        },
        "left": {"type": "list", "elements": "str", "default": []},
        "lost": {"type": "list", "elements": "str", "default": []},
        "page_template_dir": {"type": "path"},
        "placement": {
            "type": "dict",
            "options": {
                "algorithm": {"type": "str", "choices": ["round_robin", "balanced"], "default": "round_robin"},
                "hosts": {"type": "str", "choices": ["spread", "few"], "default": "spread"},
                "fill": {"type": "int"},
                "frame_bytes": {"type": "int", "default": 64},
                "moves": {"type": "int", "default": 0},
            },
        },
    },
    "required_one_of": [("src", "earlier")],
    "mutually_exclusive": [("src", "earlier")],
}
"""What module allocation_plan takes."""


@dataclass(frozen=True)
class PlanningJob:
    """What to plan from and where to: `src` is an allocation file or a folder of such, `facts` the platform as plain data.

    Instead of `src`, `earlier` may be a plan that was made before, for the platform to be as it says.

    `account` is what the platform says of itself (Occupancy.from_account), None when nobody has asked. Each allocation has its
    own folder below `build_dir`. `click` is the engine that checks the configurations, None to leave that out; `elements` are all classes
    that modules may have, none for all of its own. `policy` is how modules are dealt to hosts, `pins` are hosts that somebody wants for
    modules, by name, `parts` those for parts of their packets, each a `module`, a `prefix` and a `host`; `left` are hosts that are to be
    empty, `lost` those that do not answer and whose modules are placed anew. `pages` has the templates of the page that each plan gets
    for people, None to write none.
    """

    src: Path | None
    facts: Mapping[str, object]
    build_dir: Path
    template_dir: Path
    click: Path | None
    account: Mapping[str, Any] | None = None
    pins: Mapping[str, str] = field(default_factory=dict)
    left: Sequence[str] = ()
    lost: Sequence[str] = ()
    policy: Policy = field(default_factory=Policy)
    pages: Path | None = None
    earlier: Mapping[str, Any] | None = None
    elements: Sequence[str] = ()
    parts: Sequence[Mapping[str, str]] = ()

    @classmethod
    def from_arguments(cls, params: Mapping[str, Any]) -> PlanningJob:
        """The job that PLAN_ARGUMENTS describe, once they have been checked."""
        return cls(
            src=_path(params["src"]),
            facts=params["platform"],
            build_dir=Path(params["build_dir"]),
            template_dir=Path(params["template_dir"]),
            click=_path(params["click"]),
            account=params["account"],
            pins=params["pins"],
            parts=params["parts"],
            left=params["left"],
            lost=params["lost"],
            policy=Policy.from_dict(params["placement"] or {}),
            pages=_path(params["page_template_dir"]),
            earlier=params["earlier"],
            elements=params["elements"],
        )


def _path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


def run_planner(run: Run, job: PlanningJob, types: Types = TYPES, stages: Stages = STAGES) -> dict[str, Any]:
    """Plan, write the plans and their renderings, have the engine check them; return a module's result.

    A folder holds the files of its new plan afterwards and none of an older one; what else lies there, such as a
    report of a verification, stays. When anything is wrong with the input, the folders stay as they are and the error
    carries every message.
    """
    warnings, told, planned, away = _earlier(job) if job.src is None else _plans(job, job.src, types, stages)
    plans = [one.plan for one in planned]
    written = [_write(run, job, plan) for plan in plans]
    return {
        "changed": any(one["changed"] for one in written),
        "changes": [line for one in written for line in one["changes"]],
        "findings": [*warnings, *(line for one in written for line in one["findings"])],
        "plan": plans[0].to_dict(),
        "others": [plan.to_dict() for plan in plans[1:]],
        "plan_file": str(job.build_dir / plans[0].allocation_id / "plan.json"),
        "pages": [] if job.pages is None else [str(job.build_dir / plan.allocation_id / PLAN_PAGE) for plan in plans],
        "files": [str(job.build_dir / plan.allocation_id / "plan.json") for plan in plans],
        "placement": told,
        "away": away,
        "moves": [move.to_dict() for one in planned for move in one.moves],
        "touched_prefixes": list(dict.fromkeys(prefix for one in written for prefix in one["touched"])),
        "diff": [difference for one in written for difference in one["diff"]],
    }


def _write(run: Run, job: PlanningJob, plan: Plan) -> dict[str, Any]:
    """Write the files of one plan; what is different now."""
    folder = job.build_dir / plan.allocation_id
    old, unreadable = _plan_on_disk(folder / "plan.json")
    changes = compare(old, plan)
    files = plan.files()
    changed = _replace_files(folder, files, {"plan.json"} if old == plan else frozenset())
    unreadable += _page(run, job, plan, folder, same=old == plan)
    if job.click is not None:
        check_configurations(run, job.click, folder, files, job.elements)
    told = [*unreadable, *judge_tenants(run, job.click, plan, folder, job.src)]
    return {
        "changed": changed,
        "changes": changes.lines(),
        "findings": told,
        "touched": [str(prefix) for prefix in changes.touched],
        "diff": file_differences(old.shown() if old else {}, plan.shown(), str(folder), str(folder)),
    }


def _page(run: Run, job: PlanningJob, plan: Plan, folder: Path, *, same: bool) -> list[str]:
    """Write the page of a plan if one is wanted, else leave none of another plan; what its reader would miss."""
    path = folder / PLAN_PAGE
    if job.pages is None:
        if not same:
            remove_file(path, folders=0)
        return []
    # Read for a page alone: a deployment waits for nothing that it does not need.
    from ansible.module_utils.flowstream.picture.page import page
    from ansible.module_utils.flowstream.picture.svg import draw

    missing = []
    try:
        text = page(plan, job.pages, lambda pictures: draw(run, pictures))
    except NotInstalledError as error:
        text = page(plan, job.pages, None)
        missing = [f"{path}: has no pictures: {error}; install graphviz, and plan again"]
    if read_text(path) != text:
        replace_file(path, text, _OWN)
    return missing


class _Planned(NamedTuple):
    """A plan, what the operator probably wants to know of it, and what has to be carried for it from module to module."""

    plan: Plan
    findings: list[str]
    moves: list[Move]


class _Made(NamedTuple):
    """What the operator probably wants to know of the platform, how good the places are, the plans, and the hosts that they do without."""

    warnings: list[str]
    told: list[str]
    plans: list[_Planned]
    away: list[str]


def _earlier(job: PlanningJob) -> _Made:
    """The plan that was made before, fitted to the platform as it is."""
    if job.earlier is None:
        raise FlowstreamError("there is nothing to plan; give src or earlier")
    platform = Platform.from_facts(job.facts)
    occupancy = None if job.account is None else Occupancy.from_account(job.account)
    beside = occupancy or NOTHING
    plan = fitted(Plan.from_dict(job.earlier), platform, beside)
    away = spared(plan, beside)
    left = [
        f"{name} does not answer, and had no module of {plan.allocation_id} then: done without it; what of it may come back with the host gets"
        " no packets, and goes with the next deployment"
        for name in away
    ]
    return _Made(
        [*left, *unread(platform, occupancy, away), *unbounded(platform, away)], [], [_Planned(plan, [], [])], away
    )


def _plans(job: PlanningJob, src: Path, types: Types, stages: Stages) -> _Made:
    """The plans of all descriptions, each made beside those before it."""
    render = renderer(job.template_dir, src if src.is_dir() else src.parent)
    messages: list[str] = []
    parsed: list[Parsed] = []
    for source in _sources(src):
        try:
            parsed.append(parse(source.read_bytes(), str(source), types, stages))
        except FlowstreamError as error:
            messages += error.messages
        except OSError as error:
            messages.append(f"cannot read {source}: {error.strerror}")
    messages += _same_ids([one.allocation for one in parsed])
    try:
        platform = Platform.from_facts(job.facts)
    except FlowstreamError as error:
        raise FlowstreamError(*messages, *error.messages) from error
    occupancy = None if job.account is None else Occupancy.from_account(job.account)
    beside = NOTHING if occupancy is None else occupancy
    parts = [Divided(one.allocation) for one in parsed]
    if not messages:
        kinds = [middlebox_of(one.allocation.type, types) for one in parsed]
        names = [host.name for host in platform.hosts]
        try:
            parts = divided([one.allocation for one in parsed], kinds, beside, names, job.parts)
        except FlowstreamError as error:
            messages += error.messages
    asked = [part.allocation for part in parts]
    wrong = []
    if not messages:
        wrong = [*wishes(asked, platform, beside, job.pins, job.left), *not_given_up(platform, beside, job.lost)]
    messages += wrong
    away = done_without(asked, platform, beside, job.lost)
    seen = beside
    findings: list[str] = []
    told: list[str] = []
    plans: list[_Planned] = []
    earlier: dict[str, Allocation] = {}
    for one, part in zip(parsed, parts, strict=True) if not wrong else ():
        pinning, whole = replace(job, pins={**job.pins, **part.pins}), replace(one, allocation=part.allocation)
        try:
            planned = _plan(pinning, whole, platform, render, types, stages, beside, away, told, earlier)
        except FlowstreamError as error:
            messages += error.messages
        else:
            findings += [*part.findings, *planned.findings]
            plans.append(planned)
            earlier[planned.plan.allocation_id] = part.allocation
            beside = with_plan(beside, planned.plan)
    if messages:
        raise FlowstreamError(*messages)
    silent = missed(asked, platform, seen, away)
    return _Made(
        [*findings, *silent, *unread(platform, occupancy, away), *unbounded(platform, away)], told, plans, away
    )


def _placer(policy: Policy, types: Types, stages: Stages, allocation: Allocation, told: list[str]) -> Placer:
    """The algorithm that the policy names; what it tells is added to `told`."""
    if policy.algorithm != BALANCED:
        return round_robin
    return Balanced(
        policy, dearest_packet(types, stages), lambda text: told.append(f"{allocation.allocation_id}: {text}")
    )


def _sources(src: Path) -> list[Path]:
    """The allocation files that are meant, by name."""
    if not src.is_dir():
        return [src]
    found = sorted(path for path in src.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise FlowstreamError(
            f"{src}: has no allocation, got a folder without {choice(SUFFIXES)}; name a file, or another"
        )
    return found


def _same_ids(allocations: Sequence[Allocation]) -> list[str]:
    first: dict[str, Allocation] = {}
    return [
        f"{allocation.file}:{allocation.line}: {ROOT}: id is that of {earlier.file}:{earlier.line}, got"
        f" {allocation.allocation_id}; give each allocation its own"
        for allocation in allocations
        if (earlier := first.setdefault(allocation.allocation_id, allocation)) is not allocation
    ]


def _plan(
    job: PlanningJob,
    parsed: Parsed,
    platform: Platform,
    render: Render,
    types: Types,
    stages: Stages,
    beside: Occupancy,
    away: Sequence[str],
    told: list[str],
    earlier: Mapping[str, Allocation],
) -> _Planned:
    """The plan of one allocation. What runs twice counts where packets are led to."""
    allocation, more = with_addresses(parsed.allocation, platform, middlebox_of(parsed.allocation.type, types), stages)
    kinds = kinds_of(allocation, types, stages)

    def compile_beside(occupancy: Occupancy, place: Placer = round_robin) -> Plan:
        return plan_allocation(allocation, platform, render, place, types, stages, occupancy, earlier)

    occupancy, copies = settle(allocation, beside, kinds, compile_beside)
    pins = pins_of(allocation, occupancy, platform, kinds, job.pins)
    policy = replace(job.policy, moves=0) if pins else job.policy
    place = avoiding(_placer(policy, types, stages, allocation, told), {*job.left, *away})
    plan = compile_beside(occupancy, pinned(place, pins))
    warnings = [str(finding) for finding in parsed.warnings]
    warnings += [text for text in more if text not in warnings]
    weighed = policy.algorithm == BALANCED or bool(pins)
    findings = [
        *warnings,
        *unfinished(copies, plan),
        *moves(allocation, plan, platform, occupancy, types, stages, weighed=weighed, left=job.left),
        *losses(allocation, plan, platform, occupancy, job.lost, kinds),
    ]
    return _Planned(plan, findings, list(moves_of(plan, occupancy, platform, copies, kinds)))


def _plan_on_disk(path: Path) -> tuple[Plan | None, list[str]]:
    """The plan of an earlier run, None when there is none; one that cannot be read is replaced with a warning."""
    try:
        return Plan.from_json(path.read_text()), []
    except FileNotFoundError:
        return None, []
    except FlowstreamError as error:
        return None, [f"{path}: {error}"]


def _replace_files(folder: Path, files: Mapping[str, str], same: Collection[str]) -> bool:
    """Make the folder hold `files` and no others in the plan's own folders; return whether anything was different.

    Those that are the `same` say what they said, with other reasons at most.
    """
    changed = False
    try:
        for path in sorted(path for own in PLAN_FOLDERS for path in (folder / own).glob("*")):
            if path.relative_to(folder).as_posix() not in files:
                path.unlink()
                changed = True
        for name, text in files.items():
            path = folder / name
            if path.exists() and path.read_text() == text:
                path.chmod(_OWN)
                continue
            replace_file(path, text, _OWN)
            changed = changed or name not in same
    except OSError as error:
        raise FlowstreamError(f"cannot write {error.filename or folder}: {error.strerror}") from error
    return changed
