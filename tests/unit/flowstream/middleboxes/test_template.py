# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.middleboxes.template import renderer

from ..conftest import messages


def test_the_variables_of_a_type_are_those_of_its_template(tmp_path: Path) -> None:
    (tmp_path / "x.click.j2").write_text("{{ source }} -> Discard;\n")
    assert renderer(tmp_path)("x", "edge-pm0", {"source": "Idle"}) == "Idle -> Discard;\n"


def test_a_type_without_a_template_is_named(tmp_path: Path) -> None:
    assert messages(lambda: renderer(tmp_path)("cgnat", "edge-pm0", {})) == [
        f"cannot render edge-pm0: {tmp_path} has no template cgnat.click.j2"
    ]


def test_a_mistake_in_a_template_names_the_template(tmp_path: Path) -> None:
    (tmp_path / "x.click.j2").write_text("{{ router.colour }}")
    assert messages(lambda: renderer(tmp_path)("x", "edge-pm0", {"router": Path("/")})) == [
        "cannot render edge-pm0 with x.click.j2: 'pathlib.PosixPath object' has no attribute 'colour'"
    ]
