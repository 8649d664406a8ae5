# SPDX-License-Identifier: Apache-2.0
"""Build the documentation as a site, by mkdocs.yml: the README, docs/, and what these lead to in this tree, where it lies."""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import MkDocsException

ROOT = Path(__file__).parents[1]
SHOWN = ("LICENSES", "docs", "examples", "inventory/example")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "build", help="where site/ and its pages go (default: build)"
    )
    folder: Path = parser.parse_args().folder.resolve()
    pages = folder / "site-pages"
    shutil.rmtree(pages, ignore_errors=True)
    for name in SHOWN:
        shutil.copytree(ROOT / name, pages / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    shutil.copy(ROOT / "README.md", pages)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        build(load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(folder / "site"), strict=True))
    except MkDocsException as error:
        print(f"cannot build the site: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
