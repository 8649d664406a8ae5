# SPDX-License-Identifier: Apache-2.0
"""The live page by HTTP: the page, its style and script, what it shows, and what passes now as server-sent events.

Whoever can reach it may look, and nobody can do more than that. A name that leads to this machine but is not its own is refused, so that
no page of somebody else's can read this one through the browser of a person who may.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.live.feed import Feed
from ansible.module_utils.flowstream.live.scene import Scene

_REQUEST_SECONDS = 30.0
_HTML, _JSON = "text/html; charset=utf-8", "application/json"
_FILES = {"/live.css": "text/css; charset=utf-8", "/live.js": "text/javascript; charset=utf-8"}
_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], fixed: Mapping[str, tuple[str, bytes]], feed: Feed) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        self.own_name = address[0]
        self.fixed = fixed
        self.feed = feed

    def handle_error(self, *_: object) -> None:
        """Say nothing of readers who go in the middle of an answer: what is printed here is the answer of a module."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "Flowstream"
    sys_version = ""
    timeout = _REQUEST_SECONDS

    def do_GET(self) -> None:
        """Answer a reader."""
        path = self.path.partition("?")[0]
        if not _is_own(self.headers.get("Host", ""), self.server.own_name):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, "this is not its name")
        elif path == "/events":
            self._tell()
        elif path in self.server.fixed:
            kind, body = self.server.fixed[path]
            self._begin(kind, str(len(body)))
            self.wfile.write(body)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _tell(self) -> None:
        with closing(self.server.feed.watch()) as events:
            first = next(events, None)
            if first is None:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE, "too many look already")
                return
            self.close_connection = True
            self._begin("text/event-stream", None)
            try:
                self.wfile.write(first.encode())
                for event in events:
                    self.wfile.write(event.encode())
            except OSError:  # the reader has gone
                return

    def _begin(self, kind: str, length: str | None) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        if length is not None:
            self.send_header("Content-Length", length)
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", _POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing, as the server."""


def _is_own(host: str, name: str) -> bool:
    """Whether a request's Host is a number, localhost or the name that this listens at."""
    bare = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    bare = bare.strip("[]").lower()
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return bare in ("localhost", name.lower())
    return True


def server(address: str, port: int, shown: Scene, feed: Feed, templates: Path) -> _Server:
    """Return what serves a scene and its feed, listening already; raises FlowstreamError where that cannot be."""
    fixed = {"/": (_HTML, shown.html.encode()), "/facts": (_JSON, json.dumps(shown.facts).encode())}
    try:
        fixed |= {path: (kind, (templates / path[1:]).read_bytes()) for path, kind in _FILES.items()}
        return _Server((address, port), fixed, feed)
    except OSError as error:
        raise FlowstreamError(
            f"cannot serve the live page at {address}:{port}: {error.strerror or error}; "
            "give another address or port with -e monitoring_page_address= or monitoring_page_port="
        ) from error
