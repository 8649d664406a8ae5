# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from uuid import RFC_4122, UUID

from ansible.module_utils.flowstream.xen.mass.handle import digest_part, handle, name_part, parts


def test_a_handle_is_a_uuid_whose_bits_are_free() -> None:
    for number in range(50):
        identity = UUID(handle(f"d{number}", digest_part(f"template {number}")))
        assert (identity.variant, identity.version) == (RFC_4122, 8)


def test_a_handle_says_which_name_and_which_template_it_is_of() -> None:
    text = handle("d7", digest_part("a"))
    assert parts(text) == (name_part("d7"), digest_part("a"))
    assert name_part("d7") != name_part("d8")
    assert digest_part("a") != digest_part("b")


def test_the_handle_of_another_toolstack_says_nothing() -> None:
    assert parts("dadad3bf7d8148b1946f9e94e54e51f2") is None
    assert parts("") is None
