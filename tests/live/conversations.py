# SPDX-License-Identifier: Apache-2.0
"""What other people's programs say to each other between two endpoints: HTTP by curl and Python's server, pings, UDP by the kernel."""

from __future__ import annotations

import itertools
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .router_lab import Node, await_condition

PATIENCE = "2"
"""Seconds after which a conversation that does not begin is one that may not."""


def in_url(address: str) -> str:
    """Spell an address before a port (RFC 3986 3.2.2)."""
    return f"[{address}]" if ":" in address else address


@dataclass(frozen=True)
class WebServer:
    """A server that runs in an endpoint; `log` has a line for each request, which begins with the client's address."""

    log: Path

    def clients(self) -> list[str]:
        """The addresses that requests came from, in order."""
        return re.findall(r"^(\S+) - - \[", self.log.read_text(), re.MULTILINE)


@contextmanager
def web_server(node: Node, address: str, port: int, folder: Path) -> Iterator[WebServer]:
    """Serve a page at an address of an endpoint."""
    site, log = folder / f"site-{address}-{port}", folder / f"log-{address}-{port}"
    site.mkdir(exist_ok=True)
    (site / "index.html").write_text(f"{address} {port}\n")
    argv = [*node.prefix, "python3", "-u", "-m", "http.server", "--bind", address, "--directory", str(site), str(port)]
    with log.open("w") as output:
        server = subprocess.Popen(argv, stdout=output, stderr=output)
        try:
            await_condition(
                f"{address} listens at {port}",
                lambda: f"{in_url(address)}:{port} " in node.run("ss", "--listening", "--tcp", "--numeric"),
            )
            yield WebServer(log)
        finally:
            server.kill()
            server.wait()


def fetches(node: Node, address: str, port: int, source: str = "") -> bool:
    """Whether an endpoint gets the page of a server."""
    own = ["--interface", source] if source else []
    argv = [
        "curl",
        "--silent",
        "--noproxy",
        "*",
        "--max-time",
        PATIENCE,
        *own,
        f"http://{in_url(address)}:{port}/index.html",
    ]
    return bool(node.ask(*argv).stdout == f"{address} {port}\n")


def answered_pings(node: Node, address: str, *options: str, count: int = 3) -> int:
    """How many of `count` pings of an endpoint are answered."""
    argv = ["ping", "-n", "-c", str(count), "-i", "0.1", "-W", "1", *options, address]
    found = re.search(r"(\d+) received", node.ask(*argv).stdout)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class PingCount:
    """What became of pings but the last, which may have been on its way: how many there were, and how many of them got no answer.

    `gap` is the longest time between two answers in seconds.
    """

    sent: int
    lost: int
    gap: float


class Pings:
    """Pings of an endpoint to an address, one after each interval of so many seconds, until they are counted or the block ends."""

    def __init__(self, node: Node, address: str, interval: float = 0.02) -> None:
        argv = ["ping", "-n", "-i", str(interval), "-D", address]
        # No pipe: nobody empties it meanwhile, and a full one stops the pings.
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed with the block)
        self._process = subprocess.Popen([*node.prefix, *argv], stdout=self._output)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()

    def end(self) -> PingCount:
        """End them, and count."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(timeout=30)
        self._output.seek(0)
        text = self._output.read()
        found = re.search(r"(\d+) packets transmitted", text)
        assert found, text
        numbers = range(1, int(found[1]))
        answers = re.findall(r"^\[([\d.]+)\] \d+ bytes from .* icmp_seq=(\d+)", text, re.MULTILINE)
        times = [float(moment) for moment, _ in answers]
        gap = max((after - before for before, after in itertools.pairwise(times)), default=0.0)
        return PingCount(len(numbers), len(set(numbers) - {int(number) for _, number in answers}), gap)


_ASK_CLOSED_PORT = """
import socket, sys
asking = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
asking.settimeout(2)
asking.connect((sys.argv[1], int(sys.argv[2])))
asking.send(b"anybody?")
try:
    asking.recv(100)
except ConnectionRefusedError:
    print("refused")
except TimeoutError:
    print("silent")
"""


def hears_that_nobody_listens(node: Node, address: str, port: int) -> bool:
    """Whether an endpoint hears the ICMP error (port unreachable) about a datagram of its own."""
    return node.run("python3", "-c", _ASK_CLOSED_PORT, address, str(port)) == "refused\n"


_KEEP_TALKING = """
import socket, sys
talking = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)
talking.settimeout(5)
for line in sys.stdin:
    talking.sendall(line.encode())
    print(talking.recv(1000).decode(), end="", flush=True)
"""
_ECHO = """
import socket, sys
listening = socket.create_server((sys.argv[1], int(sys.argv[2])))
print("listening", flush=True)
talking, client = listening.accept()
print(*client, flush=True)
while data := talking.recv(1000):
    talking.sendall(data)
"""


class Partner:
    """A program in Python that runs at an endpoint and is spoken with line by line, until the block ends."""

    def __init__(self, node: Node, program: str, *arguments: str) -> None:
        argv = [*node.prefix, "python3", "-c", program, *arguments]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def tell(self, line: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")

    def hears(self) -> str:
        """The next line that it says; empty when it has ended."""
        assert self._process.stdout
        return self._process.stdout.readline().rstrip("\n")


class Conversation:
    """A TCP connection between two endpoints that stays open; `client` is the address and port that the server sees.

    The server listens `at` another address and port, where something between the two translates.
    """

    def __init__(self, node: Node, server: Node, address: str, port: int, at: tuple[str, int] | None = None) -> None:
        with ExitStack() as begun:
            echo = begun.enter_context(Partner(server, _ECHO, *map(str, at or (address, port))))
            assert echo.hears() == "listening"
            self._talking = begun.enter_context(Partner(node, _KEEP_TALKING, address, str(port)))
            self.client = echo.hears().split()
            self._running = begun.pop_all()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def says(self, word: str) -> bool:
        """Whether a word comes back."""
        self._talking.tell(word)
        return self._talking.hears() == word
