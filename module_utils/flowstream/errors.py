# SPDX-License-Identifier: Apache-2.0
"""The one error type of the core."""

from __future__ import annotations

from collections.abc import Mapping


class FlowstreamError(Exception):
    """Something that the operator has to know: one or more finished sentences, in the order to show them.

    `details` carries what belongs beside the sentence and not in it (a command, its exit code, its standard
    error); modules return it as result fields.
    """

    def __init__(self, *messages: str, details: Mapping[str, object] | None = None) -> None:
        super().__init__("\n".join(messages))
        self.messages: tuple[str, ...] = messages
        self.details: dict[str, object] = dict(details or {})
