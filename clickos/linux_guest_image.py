#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make the image of a Linux guest: a Debian kernel, and a file system of our one program and the modules that it loads.

Three files, in the folder named last: `linux-guest` (the kernel), `linux-guest.initramfs` and the manifest
`linux-guest.json`, which names the other two by their digests, so that its own digest stands for all three. There is no
clock, owner or folder of this machine in them: the same program and package give the same bytes. A file that says the
same already is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MODULES = ("xen-netfront",)
"""Modules of the kernel that the program loads; none of them needs another."""


def output(*argv: str | Path) -> str:
    done = subprocess.run(argv, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    return done.stdout.strip()


def download(package: str, folder: Path) -> Path:
    """Return the newest file of a package, from this machine's package sources; for one that only depends on it, its own."""
    fields = dict(
        line.split(": ", 1) for line in output("apt-cache", "--no-all-versions", "show", package).splitlines()
        if line.startswith(("Depends: linux-image-", "Filename: "))
    )  # fmt: skip
    if "Depends" in fields:
        return download(fields["Depends"].split()[0], folder)
    file = folder.resolve() / Path(fields["Filename"]).name
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        # As who runs this: apt's own user may not write here.
        subprocess.run(
            ["apt-get", "--quiet=2", "--option=APT::Sandbox::User=", "download", package], cwd=folder, check=True
        )
    return file


class KernelPackage:
    """A Debian package linux-image-VERSION, unpacked into a folder."""

    def __init__(self, package: Path, folder: Path) -> None:
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
        (self.kernel,) = folder.glob("boot/vmlinuz-*")
        self.folder = folder
        self.release = self.kernel.name.removeprefix("vmlinuz-")
        self.name, self.version = (output("dpkg-deb", "--field", package, field) for field in ("Package", "Version"))

    def module(self, name: str) -> Path:
        """Return the file of a module that depends on no other."""
        (file,) = self.folder.glob(f"lib/modules/{self.release}/kernel/**/{name}.ko")
        facts = output("objcopy", "--only-section=.modinfo", "--output-target=binary", file, "/dev/stdout").split("\0")
        (needed,) = (fact.removeprefix("depends=") for fact in facts if fact.startswith("depends="))
        if needed:
            raise ValueError(f"{file.name}: needs {needed}; add it to MODULES")
        return file


def initramfs(program: Path, modules: Iterable[Path]) -> bytes:
    """Return the archive that the kernel unpacks as its root: the program as /init, and what it loads in /modules."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        files = {"init": (program, 0o755), **{f"modules/{file.name}": (file, 0o644) for file in modules}}
        (root / "modules").mkdir()
        (root / "modules").chmod(0o755)
        for name, (source, mode) in files.items():
            (root / name).write_bytes(source.read_bytes())
            (root / name).chmod(mode)
        names = sorted(["modules", *files])
        for name in names:
            os.utime(root / name, (0, 0))
        # Not compressed: what the toolkit puts behind it may follow at any multiple of 4 bytes, and libxl, which tries to
        # unpack what begins as a gzip file, has nothing to complain of.
        return subprocess.run(
            ["cpio", "--create", "--format=newc", "--reproducible", "--owner=+0:+0", "--quiet"],
            cwd=root,
            input="".join(f"{name}\n" for name in names).encode(),
            check=True,
            capture_output=True,
        ).stdout


def described(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        print(f"  IMAGE {path}")
        path.write_bytes(content)


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--version", required=True, help="the engine's version")
    parser.add_argument("--program", required=True, type=Path, help="the program, statically linked")
    parser.add_argument(
        "--kernel", required=True, help="a Debian package linux-image-VERSION, or one that depends on it"
    )
    parser.add_argument("--packages", required=True, type=Path, help="where downloaded packages lie")
    parser.add_argument("folder", type=Path, help="where the image comes to lie")
    options = parser.parse_args(list(arguments))
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        package = KernelPackage(download(options.kernel, options.packages), Path(scratch))
        kernel = package.kernel.read_bytes()
        files = initramfs(options.program, map(package.module, MODULES))
    manifest = {
        "version": options.version,
        "kernel": {"package": package.name, "version": package.version, **described(kernel)},
        "initramfs": {"modules": list(MODULES), **described(files)},
    }
    for name, content in (
        ("linux-guest", kernel),
        ("linux-guest.initramfs", files),
        ("linux-guest.json", (json.dumps(manifest, indent=2) + "\n").encode()),
    ):
        write(options.folder / name, content)
    print(f"  {len(kernel):8}  kernel {package.release}")
    print(f"  {len(files):8}  initramfs; its program has {options.program.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
