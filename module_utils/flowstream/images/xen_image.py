# SPDX-License-Identifier: Apache-2.0
"""The image of a Xen host in QEMU: a Debian root file system made into a disk, booted once, and saved as it runs."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.images.image import locked, remove_tree
from ansible.module_utils.flowstream.images.qemu_channel import Guest, save
from ansible.module_utils.flowstream.images.xen_machine import INTERFACES, PROCESSORS, SNAPSHOT, XenImage, qemu_argv
from ansible.module_utils.flowstream.world.run import Run, checked

DISK_SIZE = "8G"
XEN_SECONDS = {"kvm": 20.0, "tcg": 300.0}
"""How long Xen may take to say its first word: with some kinds of KVM it never does, and behind TCG nothing is left to try."""
BOOT_SECONDS = 1200.0
SAVE_SECONDS = 300.0
CONSOLE_LINES = 20
MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
"""What Debian's kernel needs to reach its disk."""

# $1 the root file system, $2 what is laid over it, $3 an empty folder, $4 the disk, $5 its size.
_MAKE_DISK = """
mount -t tmpfs none "$3"
mkdir "$3/upper" "$3/work" "$3/root"
cp -a --no-preserve=ownership "$2/." "$3/upper"
mount -t overlay none -o "lowerdir=$1,upperdir=$3/upper,workdir=$3/work" "$3/root"
systemctl --quiet --root="$3/root" enable systemd-networkd
# libvirt finds no processor that it knows: Xen hides SEP from an AMD one, and QEMU emulates none with VME.
sed -i '/vme/d' "$3/root/usr/share/libvirt/cpu_map/x86_486.xml"
truncate --size="$5" "$4"
mke2fs -q -t ext4 -E lazy_itable_init=1 -d "$3/root" "$4"
"""
# Everything that a deployment asks for answers before the machine is saved. libvirtd finds Xen only while it starts, and Debian
# starts it without waiting for Xen's daemons.
_AWAIT_SERVICES = """
systemctl is-system-running --wait >/dev/null || systemctl --failed --plain --no-legend >&2
xl info >/dev/null
systemctl restart libvirtd
virsh --connect xen:///system version >/dev/null
# Its database answers also where the switch itself was given up.
ovs-appctl --timeout=60 version >/dev/null
sync
"""


@dataclass(frozen=True)
class XenImageBuild:
    """What an image is made of.

    A root file system with Xen, what is laid over it, the folder of its initial RAM disk, and the machine's memory and
    dom0's in MiB.
    """

    root: Path
    overlay: Path
    initrd: Path
    memory_mib: int
    dom0_memory_mib: int
    qemu_version: str

    def image(self, directory: Path, accelerator: str) -> XenImage:
        """The image as it is in a folder."""
        return XenImage(directory, accelerator, self.memory_mib, self.dom0_memory_mib)

    @property
    def key(self) -> str:
        """The image's name in the cache: a hash of all that decides what is inside."""
        content = hashlib.sha256()
        argv = qemu_argv(self.image(Path(), "tcg"), Path(), _no_network(), False)
        made_of = [self.root.name, self.qemu_version, DISK_SIZE, _MAKE_DISK, _AWAIT_SERVICES, MODULES, argv]
        content.update(json.dumps(made_of).encode())
        for folder in (self.overlay, self.initrd):
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                content.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
        return f"xen-{content.hexdigest()[:16]}"


@dataclass(frozen=True)
class XenImageCache:
    """The folder of images. An image is in it whole or not at all."""

    directory: Path
    run: Run

    def path(self, build: XenImageBuild) -> Path:
        """The folder of the finished image."""
        return self.directory / build.key

    def has(self, build: XenImageBuild) -> bool:
        """Whether it is there."""
        return self.path(build).is_dir()

    def build(self, build: XenImageBuild, seconds: float) -> None:
        """Build the image, unless it is there or another process builds it now."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with locked(self.directory / f"{build.key}.lock", seconds):
            if self.has(build):
                return
            beside = self.directory / f"{build.key}.building"
            remove_tree(beside)
            beside.mkdir()
            self._extract_kernels(build, beside)
            self._make_disk(build, beside)
            accelerator = self._boot_with_the_fastest(build, beside)
            (beside / "image.json").write_text(
                json.dumps({"accelerator": accelerator, "memory_mib": build.memory_mib,
                            "dom0_memory_mib": build.dom0_memory_mib}, indent=2) + "\n"
            )  # fmt: skip
            beside.rename(self.path(build))

    def _extract_kernels(self, build: XenImageBuild, directory: Path) -> None:
        xen = _only(build.root / "boot", "xen-*.gz")
        linux = _only(build.root / "boot", "vmlinuz-*")
        (directory / "xen").write_bytes(gzip.decompress(xen.read_bytes()))
        shutil.copyfile(linux, directory / "linux")
        tree = directory / "initrd.tree"
        shutil.copytree(build.initrd, tree)
        for folder in ("bin", "dev", "modules", "root"):
            (tree / folder).mkdir()
        shutil.copy(build.root / "bin/busybox", tree / "bin/busybox")
        modules = build.root / "lib/modules" / linux.name.removeprefix("vmlinuz-")
        for number, module in enumerate(loading_order((modules / "modules.dep").read_text(), MODULES)):
            shutil.copyfile(modules / module, tree / "modules" / f"{number:02}-{Path(module).name}")
        names = "".join(f"{path.relative_to(tree)}\n" for path in sorted(tree.rglob("*")))
        packed = subprocess.run(
            ["cpio", "--create", "--format=newc", "--quiet"],
            cwd=tree,
            input=names.encode(),
            capture_output=True,
            check=True,
        )
        (directory / "initrd").write_bytes(packed.stdout)
        shutil.rmtree(tree)

    def _make_disk(self, build: XenImageBuild, directory: Path) -> None:
        scratch = directory / "scratch"
        scratch.mkdir()
        base = directory / "base.raw"
        script = ["sh", "-e", "-c", _MAKE_DISK, "make-disk"]
        arguments = [str(build.root), str(build.overlay), str(scratch), str(base), DISK_SIZE]
        checked(self.run, ["unshare", "--mount", "--propagation", "private", *script, *arguments], "make the disk")
        scratch.rmdir()

    def _boot_with_the_fastest(self, build: XenImageBuild, directory: Path) -> str:
        for accelerator in PROCESSORS:
            if accelerator == "kvm" and not Path("/dev/kvm").exists():
                continue
            image = build.image(directory, accelerator)
            if self._boot(image):
                return accelerator
        raise FlowstreamError(f"cannot boot Xen in QEMU: it says nothing; see {directory / 'console.log'}")

    def _boot(self, image: XenImage) -> bool:
        """Boot and save; False when Xen does not even begin."""
        directory = image.directory
        disk = directory / "disk.qcow2"
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", image.base.name, "-F", "raw", str(disk)]
        checked(self.run, create, "make the disk")
        console = directory / "console.log"
        console.write_bytes(b"")
        with _running(qemu_argv(image, directory, _no_network(), snapshot=False)) as process:
            if (
                not _until(
                    lambda: process.poll() is not None or b"Xen" in console.read_bytes(), XEN_SECONDS[image.accelerator]
                )
                or process.poll() is not None
            ):
                return False
            guest = Guest(directory / "agent")
            if (
                not _until(lambda: process.poll() is not None or guest.answers(), BOOT_SECONDS)
                or process.poll() is not None
            ):
                raise _console_error(console, "its agent does not answer")
            guest.run(_AWAIT_SERVICES, BOOT_SECONDS)
            save(directory / "monitor", SNAPSHOT, SAVE_SECONDS)
            process.wait(SAVE_SECONDS)
        disk.rename(image.disk)
        return True


def loading_order(dependencies: str, names: Sequence[str]) -> list[str]:
    """The files of the kernel modules `names` and of what they need, each after what it needs itself.

    `dependencies` is the text of modules.dep(5): a file, a colon, and the files that it needs, nearest first.
    """
    needs = {}
    for line in dependencies.splitlines():
        file, _, others = line.partition(":")
        needs[Path(file).name.partition(".")[0].replace("-", "_")] = [*reversed(others.split()), file]
    order: dict[str, None] = {}
    for name in names:
        if name not in needs:
            raise FlowstreamError(f"cannot make the image: the kernel has no module {name}")
        order |= dict.fromkeys(needs[name])
    return list(order)


def _no_network() -> dict[str, str]:
    # A hub without another port: unlike QEMU's own network it has no state to be saved.
    return {name: f"hubport,hubid={number}" for number, name in enumerate(INTERFACES)}


def qemu_version(run: Run) -> str:
    """The version of QEMU here; a saved machine goes on in the very version that saved it."""
    return checked(run, ["qemu-system-x86_64", "--version"], "ask QEMU for its version").splitlines()[0]


def _only(directory: Path, pattern: str) -> Path:
    found = sorted(directory.glob(pattern))
    if not found:
        raise FlowstreamError(f"cannot make the image: {directory}: no {pattern}; install it in the root file system")
    return found[-1]


@contextmanager
def _running(argv: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _console_error(console: Path, cause: str) -> FlowstreamError:
    tail = console.read_text(errors="replace").splitlines()[-CONSOLE_LINES:]
    last = f"; its console ends with: {tail[-1].strip()}" if tail else ""
    return FlowstreamError(f"cannot boot the Xen host: {cause}{last}", details={"console": tail})
