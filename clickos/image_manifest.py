#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Describe a guest image: its manifest clickos.json, its bill of materials clickos.spdx.json, and its list `elements`.

What they say is read from the image itself, from the packages that its code comes from, and from git. There is no clock
in them: the time is SOURCE_DATE_EPOCH, else that of the commit. A file that says the same already is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from image_materials import bill_of_materials


@dataclass(frozen=True)
class Section:
    """One section of an ELF file that takes room in memory."""

    name: str
    address: int
    offset: int
    size: int
    in_file: bool


class Image:
    """A guest image, linked for fixed addresses (64-bit little-endian ELF), with its symbols aside."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path}: is no 64-bit little-endian ELF file, got {self.data[:6]!r}")
        self.sections = self._sections()

    def _sections(self) -> list[Section]:
        (table,) = struct.unpack_from("<Q", self.data, 0x28)
        entry_size, count, names_index = struct.unpack_from("<HHH", self.data, 0x3A)
        headers = [struct.unpack_from("<IIQQQQ", self.data, table + entry_size * i) for i in range(count)]
        names = headers[names_index][4]
        allocated, nobits = 2, 8
        return [
            Section(self._text(names + name), address, offset, size, kind != nobits)
            for name, kind, flags, address, offset, size in headers
            if flags & allocated and size
        ]

    def _text(self, offset: int) -> str:
        return self.data[offset : self.data.index(b"\0", offset)].decode()

    def _offset(self, address: int) -> int:
        for section in self.sections:
            if section.in_file and section.address <= address < section.address + section.size:
                return section.offset + address - section.address
        raise ValueError(f"{self.path}: no section has address {address:#x}")

    def elements(self) -> list[str]:
        """Return the element classes that it registers: the array between two symbols points at {name, make} pairs."""
        listed = subprocess.run(
            ["nm", f"{self.path}.debug"], check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
        ).stdout
        symbols = {fields[-1]: int(fields[0], 16) for line in listed.splitlines() if len(fields := line.split()) == 3}
        start, stop = symbols["__start_click_elements"], symbols["__stop_click_elements"]
        pointers = (
            struct.unpack_from(f"<{(stop - start) // 8}Q", self.data, self._offset(start)) if stop > start else ()
        )
        names = [struct.unpack_from("<Q", self.data, self._offset(pointer))[0] for pointer in pointers]
        return sorted(self._text(self._offset(name)) for name in names)


def git(*arguments: str) -> str:
    """Return what git says of this source; nothing, where it is no clone."""
    done = subprocess.run(["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def source_time() -> int:
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct", "--", ".") or 0)


def source_commit() -> str:
    """The last commit that changed the engine's source: a change elsewhere leaves manifests, and hosts, as they are."""
    commit = git("log", "-1", "--format=%H", "--", ".")
    changed = git("status", "--porcelain", "--", ".")
    return f"{commit}-dirty" if commit and changed else commit or "unknown"


def manifest(image: Image, name: str, version: str, compiler: str) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "git": source_commit(),
        "sha256": hashlib.sha256(image.data).hexdigest(),
        "size": len(image.data),
        "sections": {section.name: section.size for section in image.sections},
        "elements": image.elements(),
        "toolchain": compiler,
    }


def write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main(arguments: Iterable[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--name", required=True, help="the image's name")
    parser.add_argument("--version", required=True, help="the engine's version")
    parser.add_argument("--compiler", required=True, help="the compiler as it calls itself")
    parser.add_argument("folder", type=Path, help="where the image lies")
    options = parser.parse_args(list(arguments))
    image = Image(options.folder / "clickos")
    described = manifest(image, options.name, options.version, options.compiler)
    materials = bill_of_materials(described, source_time())
    write(options.folder / "clickos.json", json.dumps(described, indent=2) + "\n")
    write(options.folder / "clickos.spdx.json", json.dumps(materials, indent=2) + "\n")
    write(options.folder / "elements", "".join(f"{element}\n" for element in described["elements"]))
    for section in image.sections:
        print(f"  {section.size:8}  {section.name}")
    print(f"  {described['size']:8}  {image.path} ({len(described['elements'])} elements)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
