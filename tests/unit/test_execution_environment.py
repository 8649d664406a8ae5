# SPDX-License-Identifier: Apache-2.0
"""The execution environment as far as it goes without a container engine: its context, and what the image would install."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..installed_collection import ROOT, InstalledCollection

NOT_OF_A_CONTROL_NODE = {"python3-venv"}
"""The image is the environment."""


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ansible-builder makes of the definition and the collection, both in a folder of their own."""
    folder = tmp_path_factory.mktemp("execution-environment")
    definition = folder / "collection" / "execution-environment.yml"
    definition.parent.mkdir()
    definition.write_bytes((ROOT / "collection" / definition.name).read_bytes())
    run("python", str(ROOT / "collection" / "build.py"), str(folder / "build" / "collection"))
    argv = ("ansible-builder", "create", "--output-filename", "Containerfile")
    run(*argv, "--file", str(definition), "--context", str(folder))
    return folder


def run(*argv: str, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        argv, cwd=cwd, env=os.environ | environment, check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def needs(context: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the image's build finds out from the collection that it has installed, with the context's own program for it."""
    folder = tmp_path_factory.mktemp("image")
    run(
        *("ansible-galaxy", "collection", "install", "-r", "requirements.yml", "--collections-path", str(folder)),
        cwd=context / "_build",
        ANSIBLE_HOME=str(folder / "home"),
    )
    written = {name: folder / f"{name}.txt" for name in ("pip", "bindep")}
    introspect = str(context / "_build" / "scripts" / "introspect.py")
    run(
        sys.executable,
        introspect,
        "introspect",
        str(folder),
        *(f"--write-{name}={file}" for name, file in written.items()),
    )
    return {
        name: [line.partition("  #")[0] for line in file.read_text().splitlines()] for name, file in written.items()
    }


def test_the_image_has_ansible_and_the_collection(context: Path) -> None:
    containerfile = (context / "Containerfile").read_text()
    (core,) = (
        line for line in _requirements(ROOT / "collection/meta/requirements.txt") if line.startswith("ansible-core")
    )
    assert f'ANSIBLE_INSTALL_REFS="{core.replace(" ", "")} ' in containerfile
    assert (context / "_build" / "collection" / "galaxy.yml").is_file()
    assert "ansible-galaxy collection install" in containerfile


def test_the_image_has_what_the_tree_takes_for_its_interpreter(needs: dict[str, list[str]]) -> None:
    wanted = _requirements(ROOT / "collection/meta/requirements.txt")
    assert "-r collection/meta/requirements.txt" in (ROOT / "requirements.in").read_text()
    assert len(wanted) > 5
    assert needs["pip"] == [line for line in wanted if not line.startswith("ansible-core")]


def test_the_image_has_the_packages_of_a_control_node(needs: dict[str, list[str]]) -> None:
    """What of packages.txt runs the toolkit and builds the engine; to be built with, and no more, what it says is for that."""
    sections = re.split(r"^# (.*)$", (ROOT / "packages.txt").read_text(), flags=re.MULTILINE)
    section = dict(zip(sections[1::2], sections[2::2], strict=True))
    lines = (section["what runs the toolkit"] + section["what builds the engine"]).split("\n")
    listed = {name.strip(): why for name, _, why in (line.partition("#") for line in lines if line)}
    for_the_binding = {name for name, why in listed.items() if "builds libvirt-python" in why}
    found = dict(re.fullmatch(r"(\S+) \[platform:dpkg ?(\w*)\]", line).groups() for line in needs["bindep"])  # type: ignore[union-attr]
    assert {name for name, profile in found.items() if profile == "compile"} == for_the_binding
    # The library itself comes with the package to build with, which the image has not.
    assert {name for name, profile in found.items() if not profile} == {
        *(set(listed) - for_the_binding - NOT_OF_A_CONTROL_NODE),
        "libvirt0",
    }


def test_bindep_knows_every_package_here(needs: dict[str, list[str]], tmp_path: Path) -> None:
    """This machine is a control node on Debian 12, so nothing is missing, with the profile of a build neither."""
    file = tmp_path / "bindep.txt"
    file.write_text("\n".join(needs["bindep"]) + "\n")
    assert run("bindep", "--brief", "--file", str(file), "compile") == ""


def test_the_engine_is_made_where_the_image_has_the_collection(context: Path, installed: InstalledCollection) -> None:
    (folder,) = re.findall(
        r"RUN make --directory=/usr/share/ansible/collections/(\S+)", (context / "Containerfile").read_text()
    )
    assert (installed.root.parents[2] / folder / "Makefile").is_file()


def _requirements(path: Path) -> list[str]:
    lines = (re.sub(r"\s*#.*", "", line) for line in path.read_text().splitlines())
    return [line for line in lines if line]
