# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import fcntl
import subprocess
import threading
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.image import Image, ImageCache

# Stands for mmdebstrap, and for unshare, which needs root and runs it: the target is the last argument; it says what it does and how it ends.
BUILDER = """\
#!/bin/bash
for target; do :; done
mkdir "$target" && echo built >"$target/content"
echo "I: installing"
{ending}
"""


@pytest.fixture
def cache(tmp_path: Path) -> ImageCache:
    return ImageCache(tmp_path / "images")


def install_builder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str = "exit 0") -> None:
    program = tmp_path / "bin" / "mmdebstrap"
    program.parent.mkdir()
    program.write_text(BUILDER.format(ending=ending))
    program.chmod(0o755)
    (program.parent / "unshare").symlink_to(program)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def test_the_order_of_the_packages_makes_no_other_image_and_one_more_package_does() -> None:
    assert Image("bookworm", ("tcpdump", "dbus")).key == Image("bookworm", ("dbus", "tcpdump", "dbus")).key
    assert Image("bookworm", ("dbus",)).key != Image("bookworm", ("dbus", "tcpdump")).key
    assert Image("bookworm", ("dbus",)).key != Image("trixie", ("dbus",)).key


def test_every_name_that_no_package_can_have_is_refused() -> None:
    with pytest.raises(FlowstreamError) as caught:
        Image("Book worm", ("tcpdump", "-o=x", "a b"))
    assert caught.value.messages == (
        "suite: got 'Book worm'; write a Debian suite, as bookworm",
        "packages: got '-o=x'; write a Debian package's name",
        "packages: got 'a b'; write a Debian package's name",
    )


def test_an_image_is_built_once(cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_builder(tmp_path, monkeypatch)
    image = Image("bookworm", ("dbus",))
    assert cache.build(image, 10) is True
    assert (cache.path(image) / "content").read_text() == "built\n"
    assert "I: installing\n" in cache.log(image).read_text()
    assert cache.build(image, 10) is False


def test_a_build_that_fails_leaves_no_image_and_gives_the_cause(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_builder(tmp_path, monkeypatch, 'echo "E: no such package"; echo "I: leaving"; exit 25')
    image = Image("bookworm", ("dbus",))
    with pytest.raises(FlowstreamError) as caught:
        cache.build(image, 10)
    assert str(caught.value) == "cannot build the lab's image: no such package"
    assert caught.value.details["rc"] == 25
    assert not cache.has(image)
    assert list(cache.directory.glob("*.building")) == []


def test_what_a_killed_build_left_is_not_taken_for_an_image(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_builder(tmp_path, monkeypatch)
    image = Image("bookworm", ("dbus",))
    half = cache.directory / f"{image.key}.building"
    half.mkdir(parents=True)
    (half / "half").touch()
    assert not cache.has(image)
    assert cache.build(image, 10) is True
    assert [path.name for path in cache.path(image).iterdir()] == ["content"]


def test_a_second_lab_waits_for_the_first_and_uses_its_image(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = tmp_path / "go-on"
    install_builder(tmp_path, monkeypatch, f'while [ ! -e "{go_on}" ]; do sleep 0.02; done')
    image = Image("bookworm", ("dbus",))
    built: list[bool] = []
    first, second = (threading.Thread(target=lambda: built.append(cache.build(image, 10))) for _ in range(2))
    first.start()
    second.start()
    second.join(0.3)
    assert built == []
    go_on.touch()
    first.join()
    second.join()
    assert sorted(built) == [False, True]


def test_without_a_builder_its_package_is_named(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FlowstreamError) as caught:
        cache.build(Image("bookworm", ("dbus",)), 10)
    assert str(caught.value) == "cannot build the lab's image: no mmdebstrap here; install mmdebstrap"


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "images").touch()
    with pytest.raises(FlowstreamError) as caught:
        ImageCache(tmp_path / "images").build(Image("bookworm", ("dbus",)), 10)
    assert str(caught.value) == f"cannot build the lab's image: {tmp_path}/images: File exists"


def test_waiting_for_another_build_ends(cache: ImageCache) -> None:
    image = Image("bookworm", ("dbus",))
    cache.directory.mkdir()
    path = cache.directory / f"{image.key}.lock"
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(FlowstreamError) as caught:
            cache.build(image, 0.1)
    assert str(caught.value) == f"cannot build the lab's image: another process has held {path} for 0.1 s"


def test_an_image_is_removed_with_all_that_belongs_to_it(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_builder(tmp_path, monkeypatch)
    image = Image("bookworm", ("dbus",))
    cache.build(image, 10)
    cache.remove(image, 10)
    assert list(cache.directory.iterdir()) == []


def test_a_build_that_takes_too_long_is_ended(
    cache: ImageCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_builder(tmp_path, monkeypatch, f"exec -a 'sleep 60 {tmp_path}' sleep 60")
    image = Image("bookworm", ("dbus",))
    with pytest.raises(FlowstreamError) as caught:
        cache.build(image, 0.5)
    assert str(caught.value) == "cannot build the lab's image: it took longer than 0.5 s"
    assert subprocess.run(["pgrep", "-f", f"sleep 60 {tmp_path}"], capture_output=True, check=False).returncode == 1
