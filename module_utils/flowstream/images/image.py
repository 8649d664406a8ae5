# SPDX-License-Identifier: Apache-2.0
"""The root file system that every lab machine starts from: a small Debian, built once and kept in a cache."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError

LOG_LINES = 20
"""How much of the log an error carries."""
TERM_SECONDS = 30.0
"""How long a build may take to end when it is told to."""
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+\Z")  # Debian Policy 4.6, section 5.6.1
_SUITE = re.compile(r"[a-z][a-z0-9.-]*\Z")

# What mmdebstrap does to the new root before it is finished ($1, see mmdebstrap(1)): nothing that one machine has
# to itself may be in the image, and nothing in a machine may wait for a network that it does not have.
CUSTOMIZE = (
    'rm -f "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id "$1"/etc/openvswitch/conf.db "$1"/etc/hostname',
    ': > "$1"/etc/machine-id',
    'printf "HostKey /etc/ssh/ssh_host_ed25519_key\\n" > "$1"/etc/ssh/sshd_config.d/lab.conf',
    'systemctl --quiet --root="$1" mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer '
    "e2scrub_all.timer e2scrub_reap.service fstrim.timer systemd-networkd-wait-online.service",
    # Its start empties the tables of a namespace that outlives the machine, as a reboot would.
    'if [ -e "$1"/lib/systemd/system/nftables.service ]; then systemctl --quiet --root="$1" enable nftables; fi',
)


@dataclass(frozen=True)
class Image:
    """What an image is made of. `mirror` is an APT source (empty: mmdebstrap's own choice for the suite)."""

    suite: str
    packages: tuple[str, ...]
    mirror: str = ""

    def __post_init__(self) -> None:
        errors = [
            f"packages: got '{package}'; write a Debian package's name"
            for package in self.packages
            if not _PACKAGE.match(package)
        ]
        if not _SUITE.match(self.suite):
            errors.insert(0, f"suite: got '{self.suite}'; write a Debian suite, as bookworm")
        if errors:
            raise FlowstreamError(*errors)
        object.__setattr__(self, "packages", tuple(sorted(set(self.packages))))

    @property
    def key(self) -> str:
        """The image's name in the cache: the suite, and a hash of all that decides what is inside."""
        content = json.dumps([self.suite, self.packages, self.mirror, CUSTOMIZE])
        return f"{self.suite}-{hashlib.sha256(content.encode()).hexdigest()[:16]}"

    def argv(self, target: Path) -> list[str]:
        """The command that builds it in `target`; what it mounts goes with its processes."""
        return [
            *("unshare", "--mount", "--propagation", "private"),
            "mmdebstrap",
            "--variant=minbase",
            '--aptopt=Acquire::Retries "5"',
            f"--include={','.join(self.packages)}",
            *(f"--customize-hook={hook}" for hook in CUSTOMIZE),
            self.suite,
            str(target),
            *([self.mirror] if self.mirror else []),
        ]


@dataclass(frozen=True)
class ImageCache:
    """The folder of images. An image is in it whole or not at all; its packages are only fetched to build one."""

    directory: Path

    def path(self, image: Image) -> Path:
        """The root of the finished image."""
        return self.directory / image.key

    def log(self, image: Image) -> Path:
        """The progress of the build, a line at a time, for whoever waits for it."""
        return self.directory / f"{image.key}.log"

    def has(self, image: Image) -> bool:
        """Whether it is there."""
        return self.path(image).is_dir()

    def build(self, image: Image, seconds: float) -> bool:
        """Build the image, unless it is there or another process builds it now; whether this process did."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            with locked(self.directory / f"{image.key}.lock", seconds) as lock:
                if self.has(image):
                    return False
                beside = self.directory / f"{image.key}.building"
                remove_tree(beside)
                self._build(image, beside, lock, seconds)
                beside.rename(self.path(image))
                return True
        except OSError as error:
            raise FlowstreamError(f"cannot build the lab's image: {error.filename}: {error.strerror}") from error

    def remove(self, image: Image, seconds: float) -> None:
        """Remove the image and what belongs to it."""
        lock = self.directory / f"{image.key}.lock"
        with locked(lock, seconds):
            path = self.path(image)
            leaving = self.directory / f"{image.key}.building"
            remove_tree(leaving)
            if path.exists():
                path.rename(leaving)
                remove_tree(leaving)
            self.log(image).unlink(missing_ok=True)
            lock.unlink()

    def _build(self, image: Image, beside: Path, lock: int, seconds: float) -> None:
        if shutil.which("mmdebstrap") is None:
            raise FlowstreamError("cannot build the lab's image: no mmdebstrap here; install mmdebstrap")
        argv = image.argv(beside)
        with self.log(image).open("w") as log:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
                start_new_session=True,
                # A build whose parent was killed goes on for a while: nobody else may begin one meanwhile.
                pass_fds=(lock,),
            )
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _end_group(process)
            raise FlowstreamError(f"cannot build the lab's image: it took longer than {seconds:g} s") from None
        if code != 0:
            tail = self.log(image).read_text(errors="replace").splitlines()[-LOG_LINES:]
            # mmdebstrap(1) begins a line with E: for an error, I: for progress.
            causes = [line.removeprefix("E: ") for line in tail if line.startswith("E: ")] or tail[-1:] or ["no output"]
            _kill_group(process)
            remove_tree(beside)
            raise FlowstreamError(
                f"cannot build the lab's image: {causes[0]}",
                details={"command": argv, "rc": code, "log": str(self.log(image)), "output": tail},
            )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End a build and all that it has started."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(TERM_SECONDS)
    except subprocess.TimeoutExpired:
        _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of a build, and wait until it is gone."""
    deadline = time.monotonic() + TERM_SECONDS
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.poll()
            time.sleep(0.02)


def remove_tree(path: Path) -> None:
    """Remove a tree that a dead build may have left, but never through a mount into what is this machine's."""
    if path.is_dir():
        if any(os.path.ismount(directory) for directory in (path / "proc", path / "sys", path / "dev")):
            raise FlowstreamError(f"cannot remove {path}: file systems are mounted in it; unmount them")
        shutil.rmtree(path)


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[int]:
    """Hold the lock file, and give its descriptor: the kernel takes it back when the last who has that is gone."""
    deadline = time.monotonic() + seconds
    while True:
        with path.open("w") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise FlowstreamError(
                            f"cannot build the lab's image: another process has held {path} for {seconds:g} s"
                        ) from None
                    time.sleep(0.2)
            try:
                still_there = os.path.samestat(os.fstat(lock.fileno()), path.stat())
            except FileNotFoundError:
                still_there = False
            if still_there:
                yield lock.fileno()
                return


def default_packages(extra: Sequence[str]) -> tuple[str, ...]:
    """The packages without which a machine does not boot or cannot be reached by Ansible, and `extra`."""
    return (*_NEEDED, *extra)


_NEEDED = ("dbus", "iproute2", "openssh-server", "python3", "python3-apt", "systemd", "systemd-sysv")
