# SPDX-License-Identifier: Apache-2.0
"""What the errors of a toolstack really mean: a domain that cannot be made says what failed, not what ran out."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError


@dataclass(frozen=True)
class Cause:
    """The texts by which something shows, and the sentence for it: what ran out, and what to turn."""

    pattern: re.Pattern[str]
    sentence: str


def _cause(pattern: str, sentence: str) -> Cause:
    return Cause(re.compile(pattern, re.IGNORECASE), sentence)


CAUSES = (
    _cause(r"xs transaction for domain.*invalid argument|transaction_start.*invalid argument",
           "xenstored is out of open files: it has no word for EMFILE and says EINVAL; raise LimitNOFILE of xenstored, or "
           "have no process stay for each domain"),
)  # fmt: skip


def causes(text: str) -> list[str]:
    """The sentences for an error, empty when nothing is known of it."""
    return [cause.sentence for cause in CAUSES if cause.pattern.search(text)]


def with_causes(error: FlowstreamError, text: str) -> FlowstreamError:
    """`error` with what is known of `text`, the toolstack's own words, after its sentence."""
    return FlowstreamError(*error.messages, *causes(text), details=error.details)
