# SPDX-License-Identifier: Apache-2.0
"""Which element files go into a guest image."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ENGINE = Path(__file__).parents[2] / "clickos"
SOURCES = sorted(
    str(path.relative_to(ENGINE))
    for family in ("elements/*", "platform/xen_control/elements")
    for path in ENGINE.glob(f"{family}/*.cc")
)


def selected(*options: str) -> tuple[list[str], str]:
    done = subprocess.run(
        [sys.executable, "element_sources.py", *options, *SOURCES],
        cwd=ENGINE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not done.stderr)
    return done.stdout.split(), done.stderr


def test_a_class_brings_the_file_that_it_shares_with_others() -> None:
    assert selected("--elements", "Unstrip Idle") == (["elements/standard/idle.cc", "elements/standard/strip.cc"], "")


def test_a_class_brings_the_classes_that_it_looks_up() -> None:
    files, _ = selected("--elements", "FromClickOS")
    assert "elements/device/fromdevice.cc" in files


def test_every_unknown_class_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.click"
    path.write_text('Idle -> Foo\n  -> Discard;\n// Baz\nb :: Bar(Qux, "a) -> Quux");')
    assert selected("--configuration", str(path)) == (
        [],
        f"{path}:1: element class is not in the engine, got Foo; `click --elements` lists those that are\n"
        f"{path}:4: element class is not in the engine, got Bar; `click --elements` lists those that are\n",
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a, b :: Idle; a -> [0] q :: Queue -> Discard; b -> q", ["discard", "idle", "queue"]),
        (
            "elementclass Foo { $n | input -> Paint($n) -> output } Idle -> Foo(1) -> Discard",
            ["discard", "idle", "paint"],
        ),
        ("elementclass Foo Counter; Idle -> f :: Foo -> Discard;", ["counter", "discard", "idle"]),
        ("define($X 1); Idle -> { -> Strip(14) -> } -> Discard", ["discard", "idle", "strip"]),
    ],
)
def test_a_configuration_brings_what_it_uses_also_inside_compounds(tmp_path: Path, text: str, names: list[str]) -> None:
    path = tmp_path / "a.click"
    path.write_text(text)
    files, errors = selected("--configuration", str(path))
    assert errors == ""
    assert [Path(file).stem for file in files] == names


def test_a_configuration_that_is_not_there_is_an_error() -> None:
    assert selected("--configuration", "none.click") == ([], "cannot read none.click: No such file or directory\n")
