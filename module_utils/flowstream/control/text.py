# SPDX-License-Identifier: Apache-2.0
"""When two Click configurations are one: white space at the ends of lines and of the text means nothing."""

from __future__ import annotations


def same_configuration(one: str, other: str) -> bool:
    """Whether the two texts say the same."""
    return normal_configuration(one) == normal_configuration(other)


def normal_configuration(text: str) -> str:
    """The text without the white space that means nothing, for comparing and for diffs."""
    return "".join(f"{line.rstrip()}\n" for line in text.strip().splitlines())
