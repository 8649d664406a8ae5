# SPDX-License-Identifier: Apache-2.0
"""The one error type of the core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class FlowstreamError(Exception):
    """Something that the operator has to know: one or more finished sentences, in the order to show them.

    `details` carries what belongs beside the sentence and not in it (a command, its exit code, its standard
    error); modules return it as result fields.
    """

    def __init__(self, *messages: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__("\n".join(messages))
        self.messages: tuple[str, ...] = messages
        self.details: dict[str, object] = dict(details or {})


def shortened(messages: Sequence[str], most: int = 100) -> list[str]:
    """Return the first `most` messages and a count of the rest, which nobody would read."""
    rest = len(messages) - most
    return [*messages[:most], f"and {rest} more"] if rest > 0 else list(messages)
