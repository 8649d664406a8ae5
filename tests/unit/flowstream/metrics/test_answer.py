# SPDX-License-Identifier: Apache-2.0
"""What the part of the exporter says that strangers speak to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.metrics.answer import CONTENT_TYPE, answer, received, response

WHOLE = b"# TYPE a gauge\na 1.0\n# EOF\n"


@contextmanager
def printing(path: Path, page: bytes) -> Iterator[str]:
    """A socket that prints a page to whoever opens it, once."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            with listening.accept()[0] as client:
                client.sendall(page)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield str(path)
        thread.join(5)


@pytest.mark.parametrize(
    "head",
    [b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /metrics HTTP/1.0\n\n", b"GET /metrics?a=b HTTP/1.1\r\n\r\n"],
)
def test_a_scrape_is_answered_with_the_page(tmp_path: Path, head: bytes) -> None:
    with printing(tmp_path / "s", WHOLE) as path:
        assert answer(head, path) == (200, WHOLE)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"", 400),
        (b"hello\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00", 400),
        (b"GET /metrics\r\n\r\n", 400),
        (b"GET /metrics HTTP/2.0\r\n\r\n", 400),
        (b"get /metrics HTTP/1.1\r\n\r\n", 400),
        (b"GET  /metrics HTTP/1.1\r\n\r\n", 400),
        (b"A" * 20000, 400),
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /metrics/../etc/passwd HTTP/1.1\r\n\r\n", 404),
        (b"GET /\xff\xfe HTTP/1.1\r\n\r\n", 404),
        (b"POST /metrics HTTP/1.1\r\n\r\n", 405),
    ],
)
def test_whatever_else_is_asked_is_refused_and_nobody_is_woken(head: bytes, status: int, tmp_path: Path) -> None:
    assert answer(head, str(tmp_path / "nobody"))[0] == status


@pytest.mark.parametrize("page", [b"", WHOLE[:-1], b"# TYPE a gauge\n"])
def test_a_page_that_was_cut_off_is_none(tmp_path: Path, page: bytes) -> None:
    with printing(tmp_path / "s", page) as path:
        assert answer(b"GET /metrics HTTP/1.1\r\n\r\n", path)[0] == 503


def test_a_reader_that_is_not_there_is_said_and_told_to_the_journal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(b"GET /metrics HTTP/1.1\r\n\r\n", str(tmp_path / "nobody")) == (
        503,
        b"cannot read this machine; its journal says why\n",
    )
    assert "nobody: [Errno 2]" in capsys.readouterr().err


def test_a_head_that_does_not_end_is_read_so_far_and_no_farther() -> None:
    client, server = socket.socketpair()
    with client, server:
        client.sendall(b"A" * 60000)
        client.shutdown(socket.SHUT_WR)
        assert 16384 <= len(received(server)) < 16384 + 4096


def test_a_response_has_its_length_and_kind() -> None:
    head, _, body = response(200, WHOLE).partition(b"\r\n\r\n")
    assert body == WHOLE
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 200 OK",
        f"Content-Type: {CONTENT_TYPE}",
        f"Content-Length: {len(WHOLE)}",
        "Connection: close",
    ]
    assert response(404, b"no\n").startswith(b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain")
