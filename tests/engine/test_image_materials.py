# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a guest image has what SPDX 2.3 requires, and the same image has the same one."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "clickos"))

import image_materials

MANIFEST = {"name": "full", "version": "0.1.0", "git": "0123456-dirty", "sha256": "ab" * 32}


@pytest.fixture
def _versions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_materials, "package_version", dict.fromkeys(image_materials.PACKAGES, "1-1").__getitem__)


@pytest.mark.usefixtures("_versions")
def test_the_bill_of_materials_has_the_fields_that_spdx_requires() -> None:
    document = image_materials.bill_of_materials(MANIFEST, 1_700_000_000)
    assert document["spdxVersion"] == "SPDX-2.3"
    assert document["dataLicense"] == "CC0-1.0"
    assert document["SPDXID"] == "SPDXRef-DOCUMENT"
    assert document["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
    assert document["creationInfo"]["creators"]
    assert "#" not in document["documentNamespace"]
    identifiers = [package["SPDXID"] for package in document["packages"]]
    assert len(set(identifiers)) == len(identifiers)
    for package in document["packages"]:
        assert re.fullmatch(r"SPDXRef-[A-Za-z0-9.-]+", package["SPDXID"])
        assert package["name"]
        assert package["downloadLocation"]
        assert package["licenseConcluded"]
    for relationship in document["relationships"]:
        assert {relationship["spdxElementId"], relationship["relatedSpdxElement"]} <= {*identifiers, "SPDXRef-DOCUMENT"}


@pytest.mark.usefixtures("_versions")
def test_the_bill_of_materials_names_the_licence_of_each_part() -> None:
    document = image_materials.bill_of_materials(MANIFEST, 0)
    licences = {package["name"]: package["licenseDeclared"] for package in document["packages"]}
    assert licences == {
        "clickos": "Apache-2.0",
        "libbearssl-dev": "MIT",
        "libgcc-12-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
        "libstdc++-12-dev": "GPL-3.0-or-later WITH GCC-exception-3.1",
        "libxen-dev": "MIT",
        "musl-dev": "MIT",
    }


@pytest.mark.usefixtures("_versions")
def test_the_same_image_has_the_same_bill_of_materials() -> None:
    assert image_materials.bill_of_materials(MANIFEST, 1) == image_materials.bill_of_materials(MANIFEST, 1)
