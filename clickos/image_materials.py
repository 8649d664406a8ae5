# SPDX-License-Identifier: Apache-2.0
"""The bill of materials of a guest image, in SPDX 2.3: the engine, and what Debian packages add to it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
# Package -> (licence of what is linked or included of it, who made it, how its code gets into the image).
PACKAGES = {
    "libbearssl-dev": ("MIT", "Thomas Pornin", "STATIC_LINK"),
    "libgcc-12-dev": (GCC, "Free Software Foundation", "STATIC_LINK"),
    "libstdc++-12-dev": (GCC, "Free Software Foundation", "STATIC_LINK"),
    "libxen-dev": ("MIT", "Xen Project", "CONTAINS"),
    "musl-dev": ("MIT", "musl", "STATIC_LINK"),
}


def package_version(package: str) -> str:
    done = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Version}", package], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"cannot read the version of {package}: {done.stderr.strip()}")
    return done.stdout


def bill_of_materials(manifest: Mapping[str, Any], time: int) -> dict[str, Any]:
    """Return the SPDX document of the image that the manifest describes, made at `time` (seconds since 1970)."""
    image = package("clickos", manifest["version"], "Apache-2.0", "Flowstream") | {
        "primaryPackagePurpose": "OPERATING-SYSTEM",
        "licenseConcluded": f"Apache-2.0 AND MIT AND {GCC}",
        "checksums": [{"algorithm": "SHA256", "checksumValue": manifest["sha256"]}],
        "sourceInfo": f"git {manifest['git']}",
    }
    parts = [package(name, package_version(name), *PACKAGES[name][:2]) for name in sorted(PACKAGES)]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"clickos-{manifest['name']}",
        "documentNamespace": f"https://spdx.org/spdxdocs/clickos-{manifest['name']}-{manifest['sha256']}",
        "creationInfo": {
            "created": datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: clickos-image_materials"],
        },
        "packages": [image, *parts],
        "relationships": [
            relationship("SPDXRef-DOCUMENT", "DESCRIBES", image["SPDXID"]),
            *(relationship(image["SPDXID"], PACKAGES[part["name"]][2], part["SPDXID"]) for part in parts),
        ],
    }


def package(name: str, version: str, licence: str, supplier: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{name.replace('+', 'p')}",
        "name": name,
        "versionInfo": version,
        "supplier": f"Organization: {supplier}",
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "licenseConcluded": licence,
        "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    }


def relationship(element: str, kind: str, related: str) -> dict[str, str]:
    return {"spdxElementId": element, "relationshipType": kind, "relatedSpdxElement": related}
