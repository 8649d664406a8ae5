# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

from ansible.module_utils.flowstream.middleboxes.template import MAX_BYTES, renderer

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


def test_a_file_of_the_operator_is_read_from_the_folder_of_the_allocation_and_from_nowhere_else(tmp_path: Path) -> None:
    templates, folder = tmp_path / "templates", tmp_path / "allocation"
    templates.mkdir()
    folder.mkdir()
    (templates / "own.click.j2").write_text("{{ text_of(file) }}")
    (folder / "good.click").write_text("Idle -> Discard;\n")
    (folder / "bad.click").write_bytes(b"Idle\xff")
    (folder / "large.click").write_bytes(b" " * (MAX_BYTES + 1))
    (folder / "link.click").symlink_to("/etc/hostname")
    render = renderer(templates, folder)
    assert render("own", "pm0", {"file": "good.click"}) == "Idle -> Discard;\n"
    refused = {
        "none.click": "No such file or directory",
        "bad.click": "byte 4 is not UTF-8; save it as UTF-8",
        "large.click": f"it has {MAX_BYTES + 1} bytes; keep it below {MAX_BYTES}",
        "link.click": "it leads out of the allocation's folder; put a file there",
    }
    for name, cause in refused.items():
        assert messages(lambda name=name: render("own", "pm0", {"file": name})) == [  # type: ignore[misc]
            f"cannot read {folder / name}: {cause}"
        ]
    assert messages(lambda: renderer(templates)("own", "pm0", {"file": "good.click"})) == [
        "cannot read good.click: the allocation has no folder that it could be in"
    ]
