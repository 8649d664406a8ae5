# SPDX-License-Identifier: Apache-2.0
"""All domains of a host at a time: which there are, and what a handler of each says."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from typing import Any

from ansible.module_utils.flowstream.control.clickos_messages import Answer
from ansible.module_utils.flowstream.xen.mass.builder import DomainBuilder
from ansible.module_utils.flowstream.xen.mass.handle import name_part, parts
from ansible.module_utils.flowstream.xen.mass.steps import SeenInstance
from ansible.module_utils.flowstream.xen.mass.template import DomainTemplate, ranges
from ansible.module_utils.flowstream.xenstore.pipeline import XenStorePipeline
from ansible.module_utils.flowstream.xenstore.store import DOMAINS

RANGE_ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "first": {"type": "int", "default": 1},
    "count": {"type": "int", "required": True},
    "program": {"type": "path", "default": "/usr/local/lib/flowstream/domain-builder"},
}
"""The arguments of a module that speaks of many domains at a time; the fragment domain_range documents them."""

_POLL_SECONDS = 0.5
_SHOWN = 10


def observe_mass(
    builder: DomainBuilder, store: XenStorePipeline, template: DomainTemplate
) -> tuple[list[SeenInstance], int]:
    """The domains of this host that may have names of a template, and its free memory in KiB."""
    domains, free_kib = builder.domains()
    names = {name_part(name): name for name in map(template.name_of, template.numbers)}
    seen = []
    others = []
    for one in domains:
        if halves := parts(one.handle):
            if name := names.get(halves[0]):
                seen.append(SeenInstance(one.id, name, one.state, halves[1]))
        else:
            others.append(one)
    texts = store.read([f"{DOMAINS}/{one.id}/name" for one in others])
    for one in others:
        name = texts.get(f"{DOMAINS}/{one.id}/name", b"").decode(errors="replace")
        seen.append(SeenInstance(one.id, name, one.state, ""))
    return seen, free_kib


def read_mass(
    builder: DomainBuilder, store: XenStorePipeline, template: DomainTemplate, handler: str, timeout: float
) -> dict[str, Any]:
    """How many domains of a template run, and what a handler of each says; a module's result."""
    seen, free_kib = observe_mass(builder, store, template)
    numbers = {template.name_of(number): number for number in template.numbers}
    running = {one.id: numbers[one.name] for one in seen if one.name in numbers and one.state == "running"}
    answers = ask_all(store, running, handler, timeout) if handler else {}
    texts = {running[domain]: answer.text.decode(errors="replace") for domain, answer in answers.items()}
    good = {running[domain] for domain, answer in answers.items() if answer.ok}
    return {
        "running": len(running),
        "missing": ranges(set(template.numbers) - set(running.values())),
        "answered": len(good),
        "silent": ranges(set(running.values()) - set(texts)) if handler else "",
        "refused": {template.name_of(number): texts[number] for number in sorted(set(texts) - good)[:_SHOWN]},
        "values": dict(Counter(texts[number] for number in good).most_common(_SHOWN)),
        "free_kib": free_kib,
    }


def ask_all(store: XenStorePipeline, domains: Collection[int], handler: str, timeout: float) -> dict[int, Answer]:
    """The answers of those domains that answer in time. All are asked first: they work while the rest is asked."""
    folders = {domain: f"{DOMAINS}/{domain}/data/clickos/0" for domain in domains}
    question = str(time.monotonic_ns())
    deadline = time.monotonic() + timeout
    store.write({f"{folder}/request": f"{question} read {handler}".encode() for folder in folders.values()})
    answers: dict[int, Answer] = {}
    while waiting := [domain for domain in folders if domain not in answers]:
        replies = store.read([f"{folders[domain]}/reply" for domain in waiting])
        for domain in waiting:
            answer = Answer.parse(replies.get(f"{folders[domain]}/reply"))
            if answer and answer.number == question:
                answers[domain] = answer
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS if len(answers) < len(folders) else 0)
    store.remove([f"{folder}/request" for folder in folders.values()])
    silent = [domain for domain in folders if domain not in answers]
    names = store.read([f"{DOMAINS}/{domain}/name" for domain in silent])
    # One that has ended before it was asked: the question made its folder anew.
    store.remove([f"{DOMAINS}/{domain}" for domain in silent if f"{DOMAINS}/{domain}/name" not in names])
    return answers
