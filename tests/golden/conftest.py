# SPDX-License-Identifier: Apache-2.0
"""`--rewrite-golden` makes what the code does now the expectation; review it as a diff."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden", action="store_true", help="rewrite examples/*/expected and examples/errors/*.txt"
    )


@pytest.fixture
def rewrite(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--rewrite-golden", default=False))
