# SPDX-License-Identifier: Apache-2.0
"""Gives the tests the toolkit under the import name that Ansible gives it, and its documentation fragments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ansible.module_utils
import pytest
from ansible.plugins.loader import fragment_loader

from .browser import Browser, running
from .installed_collection import InstalledCollection

ROOT = Path(__file__).parents[1]

ansible.module_utils.__path__.append(str(ROOT / "module_utils"))
fragment_loader.add_directory(str(ROOT / "doc_fragments"))


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> InstalledCollection:
    """The collection, installed into an empty folder."""
    return InstalledCollection(tmp_path_factory.mktemp("collection"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser, for the tests of a file."""
    with running(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
