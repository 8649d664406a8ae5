# SPDX-License-Identifier: Apache-2.0
"""The part of the exporter that others may speak to: one request of HTTP on standard input. Runs as flowstream-metrics@.service.

It has no rights but to open the socket on which the other part prints the page, and tells that part nothing.
"""

from __future__ import annotations

import re
import socket
import sys

PATH = "/metrics"
CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
REQUEST_SECONDS = 5.0
PAGE_SECONDS = 20.0
MOST_REQUEST = 16384
MOST_PAGE = 64 * 1024 * 1024
_REQUEST = re.compile(rb"([A-Z]+) ([^ ?]+)(\?[^ ]*)? HTTP/1\.[01]\r?\n")
_END = b"# EOF\n"
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}


def received(client: socket.socket) -> bytes:
    """The head of a request, or as much as came of it."""
    client.settimeout(REQUEST_SECONDS)
    head = b""
    while b"\r\n\r\n" not in head and b"\n\n" not in head and len(head) < MOST_REQUEST:
        more = client.recv(4096)
        if not more:
            break
        head += more
    return head


def read_page(path: str) -> bytes:
    """What the other part prints; empty when it does not print all of it."""
    whole = bytearray()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as reader:
            reader.settimeout(PAGE_SECONDS)
            reader.connect(path)
            while len(whole) < MOST_PAGE and (more := reader.recv(65536)):
                whole += more
    except OSError as error:
        print(f"cannot read {path}: {error}", file=sys.stderr)
    return bytes(whole) if whole.endswith(_END) else b""


def answer(head: bytes, path: str) -> tuple[int, bytes]:
    """The status and the body for a request; `path` is the other part's socket."""
    found = _REQUEST.match(head)
    if not found:
        return 400, b"this is no request of HTTP/1\n"
    method, what = found[1].decode(), found[2].decode(errors="replace")
    if what != PATH:
        return 404, f"metrics are at {PATH}\n".encode()
    if method != "GET":
        return 405, b"metrics are read by GET\n"
    body = read_page(path)
    return (200, body) if body else (503, b"cannot read this machine; its journal says why\n")


def response(status: int, body: bytes) -> bytes:
    """It as HTTP has it."""
    kind = CONTENT_TYPE if status == 200 else "text/plain; charset=utf-8"
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def main() -> None:
    """Answer the one request that came, by the socket of the other part that is named."""
    with socket.socket(fileno=sys.stdin.fileno()) as client:
        try:
            head = received(client)
            client.settimeout(PAGE_SECONDS)
            client.sendall(response(*answer(head, sys.argv[2])))
        except OSError as error:  # whoever asked has gone
            print(f"cannot answer: {error}", file=sys.stderr)
