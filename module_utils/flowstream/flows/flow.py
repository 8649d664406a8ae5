# SPDX-License-Identifier: Apache-2.0
"""OpenFlow flow entries and groups as values: read from ovs-ofctl's text, compared by meaning, written back.

The text is that of ovs-ofctl(8), "Flow Syntax" and "Group Syntax"; a person's spelling and a dump's give equal
values (see `fields`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.flows.actions import normalise_actions, split_actions
from ansible.module_utils.flowstream.flows.fields import PROTOCOLS, Match, match_text, normalise_match
from ansible.module_utils.flowstream.flows.values import number

DEFAULT_PRIORITY = 0x8000  # ovs-ofctl(8): the priority of a flow that names none
MAX_COOKIE = 0xFFFFFFFFFFFFFFFF
_FLAGS = ("check_overlap", "no_byte_counts", "no_packet_counts", "reset_counts", "send_flow_rem")
_STATISTICS = ("duration", "n_packets", "n_bytes", "idle_age", "hard_age")
_GROUP_TYPES = ("all", "select", "indirect", "fast_failover")

T = TypeVar("T")
Identity = tuple[int, int, Match]


@dataclass(frozen=True, order=True)
class Flow:
    """One flow entry; every way to construct it ends in the same normal form.

    `match` holds (field, value) pairs; a protocol shorthand such as ("ip", "") is accepted and expanded.
    `cookie` is the 64-bit owner's mark, timeouts are in seconds (0: never), `flags` are ovs-ofctl's keywords such
    as `send_flow_rem`. Flows sort by table, then priority, then match. `why` is for people: no switch keeps it, and flows
    that differ in it alone are equal.
    """

    table: int
    priority: int
    match: Match
    actions: tuple[str, ...]
    cookie: int
    idle_timeout: int = 0
    hard_timeout: int = 0
    flags: tuple[str, ...] = ()
    why: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        for what, value, limit in (
            ("table", self.table, 254),
            ("priority", self.priority, 0xFFFF),
            ("cookie", self.cookie, MAX_COOKIE),
            ("idle_timeout", self.idle_timeout, 0xFFFF),
            ("hard_timeout", self.hard_timeout, 0xFFFF),
        ):
            if not 0 <= value <= limit:
                raise FlowstreamError(f"{what} {value} is outside 0..{limit}")
        match = normalise_match(self.match)
        object.__setattr__(self, "match", match)
        object.__setattr__(self, "actions", normalise_actions(self.actions, match))
        object.__setattr__(self, "flags", tuple(sorted(set(self.flags))))

    @property
    def identity(self) -> Identity:
        """What an OpenFlow table may hold only once: table, priority and match."""
        return self.table, self.priority, self.match

    @classmethod
    def parse(cls, line: str) -> Flow:
        """Read one flow as a person writes it or as `ovs-ofctl dump-flows` prints it; counters are skipped."""
        head, found, actions_text = line.strip().partition("actions=")
        if not found:
            raise FlowstreamError(f"flow '{line.strip()}': has no actions; write actions=drop to drop")
        settings: dict[str, int] = {}
        match: list[tuple[str, str]] = []
        flags: list[str] = []
        try:
            for word in re.split(r"[,\s]+", head.strip(", \t")):
                name, _, value = word.partition("=")
                if name in _LIMITS:
                    settings[name] = number(value, name, _LIMITS[name])
                elif name in _FLAGS or name == "importance":
                    flags.append(word)
                elif word and name not in _STATISTICS:
                    match.append(_field(word))
            return cls(
                table=settings.get("table", 0),
                priority=settings.get("priority", DEFAULT_PRIORITY),
                match=tuple(match),
                actions=tuple(split_actions(actions_text)),
                cookie=settings.get("cookie", 0),
                idle_timeout=settings.get("idle_timeout", 0),
                hard_timeout=settings.get("hard_timeout", 0),
                flags=tuple(flags),
            )
        except FlowstreamError as error:
            raise FlowstreamError(f"flow '{line.strip()}': {error}") from error

    def __str__(self) -> str:
        return f"cookie={self.cookie:#x},{self.describe()}"

    def describe(self) -> str:
        """The flow without its cookie, for reports about one owner's flows."""
        words = [f"table={self.table}", f"priority={self.priority}"]
        if self.idle_timeout:
            words.append(f"idle_timeout={self.idle_timeout}")
        if self.hard_timeout:
            words.append(f"hard_timeout={self.hard_timeout}")
        words.extend(self.flags)
        if self.match:
            words.append(match_text(self.match))
        return f"{','.join(words)} actions={','.join(self.actions)}"

    def selector(self) -> str:
        """What `ovs-ofctl del-flows --strict` needs to find this flow."""
        words = [f"table={self.table}", f"priority={self.priority}"]
        if self.match:
            words.append(match_text(self.match))
        return ",".join(words)

    def groups(self) -> tuple[int, ...]:
        """The group identifiers that the actions send packets to."""
        return _groups_of(self.actions)

    def to_dict(self) -> dict[str, Any]:
        """The flow as plan JSON; the cookie is text because JSON numbers lose bits above 2**53."""
        plain: dict[str, Any] = {
            "table": self.table,
            "priority": self.priority,
            "match": dict(self.match),
            "actions": list(self.actions),
            "cookie": f"{self.cookie:#018x}",
        }
        if self.idle_timeout:
            plain["idle_timeout"] = self.idle_timeout
        if self.hard_timeout:
            plain["hard_timeout"] = self.hard_timeout
        if self.flags:
            plain["flags"] = list(self.flags)
        if self.why:
            plain["why"] = self.why
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Flow:
        """Read plan JSON; only `actions` is required, the rest has ovs-ofctl's defaults."""
        allowed = {"table", "priority", "match", "actions", "cookie", "idle_timeout", "hard_timeout", "flags", "why"}
        try:
            _only(plain, allowed, "flow")
            return cls(
                table=_whole(plain, "table", 0),
                priority=_whole(plain, "priority", DEFAULT_PRIORITY),
                match=_match(plain.get("match", {})),
                actions=_texts(plain, "actions"),
                cookie=_whole(plain, "cookie", 0),
                idle_timeout=_whole(plain, "idle_timeout", 0),
                hard_timeout=_whole(plain, "hard_timeout", 0),
                flags=_texts(plain, "flags") if "flags" in plain else (),
                why=str(plain.get("why", "")),
            )
        except FlowstreamError as error:
            raise FlowstreamError(f"flow {dict(plain)}: {error}") from error


_LIMITS = {"table": 254, "priority": 0xFFFF, "cookie": MAX_COOKIE, "idle_timeout": 0xFFFF, "hard_timeout": 0xFFFF}


def _field(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals and name not in PROTOCOLS:
        raise FlowstreamError(f"'{word}' is neither field=value nor a protocol")
    return name, value


def _groups_of(actions: Iterable[str]) -> tuple[int, ...]:
    return tuple(int(found) for found in re.findall(r"\bgroup:(\d+)", ",".join(actions)))


def _match(plain: object) -> Match:
    if not isinstance(plain, Mapping):
        raise FlowstreamError(f"match is {plain!r}; write a mapping of field to value")
    return tuple((str(name), "" if value is None else str(value)) for name, value in plain.items())


def _only(plain: Mapping[str, Any], allowed: set[str], what: str) -> None:
    unknown = sorted(str(name) for name in set(plain) - allowed)
    if unknown:
        raise FlowstreamError(f"{what} has no '{unknown[0]}'; it has {', '.join(sorted(allowed))}")


def _whole(plain: Mapping[str, Any], name: str, default: int) -> int:
    value = plain.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise FlowstreamError(f"{name} is {value!r}; write a number")
    return number(str(value), name, MAX_COOKIE)


def _texts(plain: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = plain.get(name)
    if isinstance(value, str):
        return tuple(split_actions(value))
    if not isinstance(value, Sequence):
        raise FlowstreamError(f"{name} is {value!r}; write a list")
    return tuple(str(item) for item in value)


@dataclass(frozen=True, order=True)
class Bucket:
    """One choice of a group. `weight` counts only in a `select` group; `watch_*` only in `fast_failover`."""

    actions: tuple[str, ...]
    weight: int | None = None
    watch_port: str | None = None
    watch_group: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "actions", normalise_actions(self.actions))

    def __str__(self) -> str:
        words = []
        if self.weight is not None:
            words.append(f"weight:{self.weight}")
        if self.watch_port is not None:
            words.append(f"watch_port:{self.watch_port}")
        if self.watch_group is not None:
            words.append(f"watch_group:{self.watch_group}")
        return ",".join(["bucket=" + ",".join(words), f"actions={','.join(self.actions)}"]).replace("=,", "=")


@dataclass(frozen=True, order=True)
class Group:
    """One OpenFlow group (OpenFlow 1.3.5 section 5.6). A group carries no cookie: its users' flows do."""

    group_id: int
    kind: str
    buckets: tuple[Bucket, ...]
    why: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.group_id <= 0xFFFFFF00:
            raise FlowstreamError(f"group_id {self.group_id} is outside 0..{0xFFFFFF00}")
        if self.kind not in _GROUP_TYPES:
            raise FlowstreamError(f"group {self.group_id}: type is '{self.kind}'; write {', '.join(_GROUP_TYPES)}")
        # A switch reports weight 100 for a select bucket that was given none, and no weight for other kinds.
        buckets = tuple(
            Bucket(
                bucket.actions,
                (100 if bucket.weight is None else bucket.weight) if self.kind == "select" else None,
                bucket.watch_port,
                bucket.watch_group,
            )
            for bucket in self.buckets
        )
        object.__setattr__(self, "buckets", buckets)

    @classmethod
    def parse(cls, line: str) -> Group:
        """Read one group as a person writes it or as `ovs-ofctl dump-groups` prints it."""
        head, *bucket_texts = re.split(r",?\s*\bbucket=", line.strip())
        settings = dict(word.partition("=")[::2] for word in re.split(r"[,\s]+", head.strip(", ")))
        try:
            _only(settings, {"group_id", "type"}, "group")
            kind = settings.get("type", "")
            return cls(
                number(settings.get("group_id", ""), "group_id", 0xFFFFFF00),
                "fast_failover" if kind == "ff" else kind,
                tuple(_parse_bucket(text) for text in bucket_texts),
            )
        except FlowstreamError as error:
            raise FlowstreamError(f"group '{line.strip()}': {error}") from error

    def __str__(self) -> str:
        return ",".join([f"group_id={self.group_id}", f"type={self.kind}", *map(str, self.buckets)])

    def groups(self) -> tuple[int, ...]:
        """The groups that its buckets lead to or watch."""
        watched = (bucket.watch_group for bucket in self.buckets)
        return (
            *(group_id for bucket in self.buckets for group_id in _groups_of(bucket.actions)),
            *(group_id for group_id in watched if group_id is not None),
        )

    def to_dict(self) -> dict[str, Any]:
        """The group as plan JSON."""
        return {
            "group_id": self.group_id,
            "type": self.kind,
            "buckets": [
                {
                    "actions": list(bucket.actions),
                    **({} if bucket.weight is None else {"weight": bucket.weight}),
                    **({} if bucket.watch_port is None else {"watch_port": bucket.watch_port}),
                    **({} if bucket.watch_group is None else {"watch_group": bucket.watch_group}),
                }
                for bucket in self.buckets
            ],
            **({"why": self.why} if self.why else {}),
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Group:
        """Read plan JSON."""
        try:
            _only(plain, {"group_id", "type", "buckets", "why"}, "group")
            return cls(
                _whole(plain, "group_id", 0),
                str(plain.get("type", "all")),
                tuple(_bucket_from_dict(bucket) for bucket in plain.get("buckets", [])),
                str(plain.get("why", "")),
            )
        except FlowstreamError as error:
            raise FlowstreamError(f"group {dict(plain)}: {error}") from error


def _parse_bucket(text: str) -> Bucket:
    head, _, actions = text.strip(", ").partition("actions=")
    settings: dict[str, str] = {}
    for word in re.split(r"[,\s]+", head.strip(", ")):
        name, _, value = re.sub("=", ":", word, count=1).partition(":")
        if name in ("weight", "watch_port", "watch_group"):
            settings[name] = value
        elif word and name != "bucket_id":
            actions = f"{word},{actions}"
    return Bucket(
        tuple(split_actions(actions)),
        number(settings["weight"], "weight", 0xFFFF) if "weight" in settings else None,
        settings.get("watch_port"),
        number(settings["watch_group"], "watch_group", 0xFFFFFF00) if "watch_group" in settings else None,
    )


def _bucket_from_dict(plain: Mapping[str, Any]) -> Bucket:
    _only(plain, {"actions", "weight", "watch_port", "watch_group"}, "bucket")
    return Bucket(
        _texts(plain, "actions"),
        _whole(plain, "weight", 0) if plain.get("weight") is not None else None,
        str(plain["watch_port"]) if plain.get("watch_port") is not None else None,
        _whole(plain, "watch_group", 0) if plain.get("watch_group") is not None else None,
    )


def parse_flows(lines: Iterable[str]) -> list[Flow]:
    """Every flow of a dump or a flow file; headers, comments and empty lines are skipped."""
    return [Flow.parse(line) for line in lines if "actions=" in line and not line.lstrip().startswith("#")]


def parse_groups(lines: Iterable[str]) -> list[Group]:
    """Every group of a `dump-groups` answer."""
    return [Group.parse(line) for line in lines if "group_id=" in line]


def declared_flows(items: Sequence[object]) -> list[Flow]:
    """Flows written as text or as mappings; raises FlowstreamError with one line for each that is wrong."""
    return _declared(items, "flows", Flow.parse, Flow.from_dict)


def declared_groups(items: Sequence[object]) -> list[Group]:
    """Groups written as text or as mappings; raises FlowstreamError with one line for each that is wrong."""
    return _declared(items, "groups", Group.parse, Group.from_dict)


def _declared(
    items: Sequence[object],
    what: str,
    from_text: Callable[[str], T],
    from_mapping: Callable[[Mapping[str, Any]], T],
) -> list[T]:
    done: list[T] = []
    errors: list[str] = []
    for index, item in enumerate(items):
        try:
            if isinstance(item, str):
                done.append(from_text(item))
            elif isinstance(item, Mapping):
                done.append(from_mapping(item))
            else:
                errors.append(f"{what}[{index}]: got {item!r}; write text or a mapping")
        except FlowstreamError as error:
            errors.append(f"{what}[{index}]: {error}")
    if errors:
        raise FlowstreamError(*errors)
    return done
