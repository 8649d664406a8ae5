# SPDX-License-Identifier: Apache-2.0
"""Debian's Chromium without a window, for tests of pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.support.wait import WebDriverWait

WAIT_SECONDS = 30
_QUIET = (
    "--headless",
    "--no-sandbox",  # which a process of root cannot have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


class Browser:
    """A window of it."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, address: str, width: int = 1200) -> None:
        """Show a page in a window of so many pixels."""
        self.driver.set_window_size(width, 900)
        self.driver.get(address)

    def ask(self, script: str, *arguments: Any) -> Any:
        """What a script on the page returns."""
        return self.driver.execute_script(script, *arguments)  # type: ignore[no-untyped-call]

    def wait(self, script: str, *arguments: Any) -> Any:
        """Wait until a script returns something that is true, and return it."""
        return WebDriverWait(self.driver, WAIT_SECONDS).until(lambda _: self.ask(script, *arguments))

    def complaints(self) -> list[str]:
        """What stands on its console, of which a page that is well has nothing."""
        return [json.dumps(line) for line in self.driver.get_log("browser")]  # type: ignore[no-untyped-call]


@contextmanager
def running(folder: Path) -> Iterator[Browser]:
    """One that runs with an empty profile, until the end."""
    options = ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in (*_QUIET, f"--user-data-dir={folder}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, ChromeService("/usr/bin/chromedriver"))
    try:
        yield Browser(driver)
    finally:
        driver.quit()
