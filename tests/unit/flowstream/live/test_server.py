# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.live.feed import MOST_WATCHERS, Feed
from ansible.module_utils.flowstream.live.observe import read
from ansible.module_utils.flowstream.live.rates import Page
from ansible.module_utils.flowstream.live.scene import Scene
from ansible.module_utils.flowstream.live.server import server

TEMPLATES = Path(__file__).parents[4] / "templates" / "page"
SCENE = Scene("<!DOCTYPE html><title>platform</title>", {"modules": []})
WAIT_SECONDS = 20


class Machines:
    """What is read of machines, and how often; with `turns`, once for each that there is."""

    def __init__(self, turns: threading.Semaphore | None = None) -> None:
        self.reads = 0
        self.read_again = threading.Event()
        self._turns = turns

    def read(self) -> Mapping[str, Page | str]:
        if self._turns is not None:
            self._turns.acquire(timeout=WAIT_SECONDS)
        self.reads += 1
        self.read_again.set()
        port = (("bridge", "br"), ("interface", "p1"), ("machine", "sw1"), ("port", "1"))
        sample = ("flowstream_switch_port_sent_packets_total", port)
        return {"sw1": Page(float(self.reads), {sample: 100.0 * self.reads}), "mh1": "cannot read it"}


@contextmanager
def serving(feed: Feed) -> Iterator[int]:
    with server("127.0.0.1", 0, SCENE, feed, TEMPLATES) as one:
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield one.server_address[1]
        one.shutdown()
        thread.join(WAIT_SECONDS)


@contextmanager
def asked(port: int, path: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)) as connection:
        connection.request("GET", path, headers=headers)
        with connection.getresponse() as answer:
            yield answer


def event(answer: http.client.HTTPResponse) -> dict[str, Any]:
    while not (line := answer.readline()).startswith(b"data: "):
        assert line, "the stream has ended"
    told: dict[str, Any] = json.loads(line.removeprefix(b"data: "))
    return told


def test_machines_are_read_while_somebody_looks_and_not_before() -> None:
    turns = threading.Semaphore()
    machines = Machines(turns)
    with serving(Feed(machines.read, 0.01)) as port:
        with asked(port, "/") as page:
            assert (page.status, page.read().decode()) == (200, SCENE.html)
        assert machines.reads == 0
        with asked(port, "/events") as events:
            assert events.getheader("Content-Type") == "text/event-stream"
            first = event(events)
            turns.release()
            second = event(events)
            turns.release()
    assert (first["rates"], first["silent"]) == (False, {"mh1": "cannot read it"})
    assert (second["rates"], second["links"]) == (True, {"sw1 1": {"sent_packets": 100}})


def test_nothing_is_read_any_more_when_all_have_gone() -> None:
    machines = Machines()
    feed = Feed(machines.read, 0.001)
    watching = [feed.watch() for _ in range(2)]
    for one in watching:
        while not next(one).startswith("data: "):
            pass
        one.close()
    threading.Event().wait(0.2)  # what was being read when the last one went
    seen = machines.reads
    machines.read_again.clear()
    assert not machines.read_again.wait(0.3)
    assert machines.reads == seen
    again = feed.watch()
    assert [next(again), next(again).partition(" ")[0]] == [": here\n\n", "data:"]
    again.close()


def test_one_reader_more_than_there_may_be_is_sent_away() -> None:
    with serving(Feed(Machines().read, 1)) as port, ExitStack() as watching:
        for _ in range(MOST_WATCHERS):
            assert watching.enter_context(asked(port, "/events")).readline() == b": here\n"
        assert watching.enter_context(asked(port, "/events")).status == 503


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:80", 200),
        ("[::1]:80", 200),
        ("LOCALHOST", 200),
        ("10.0.0.1", 200),
        ("evil.example:80", 421),
        ("", 421),
    ],
)
def test_a_name_that_is_not_its_own_is_refused(host: str, status: int) -> None:
    with serving(Feed(Machines().read, 1)) as port, asked(port, "/facts", Host=host) as answer:
        assert answer.status == status


def test_the_page_may_fetch_nothing_from_elsewhere_and_only_what_is_there_can_be_had() -> None:
    with serving(Feed(Machines().read, 1)) as port:
        for path, kind in (("/", "text/html"), ("/live.js", "text/javascript"), ("/live.css", "text/css")):
            with asked(port, path) as answer:
                assert (answer.status, answer.getheader("Content-Type", "").partition(";")[0]) == (200, kind)
                assert "default-src 'none'" in answer.getheader("Content-Security-Policy", "")
        for path in ("/live.html.j2", "/../plan.html.j2", "/etc/passwd"):
            with asked(port, path) as answer:
                assert answer.status == 404


def test_an_address_that_cannot_be_had_is_said_with_what_to_do() -> None:
    feed = Feed(Machines().read, 1)
    with serving(feed) as port, pytest.raises(FlowstreamError) as raised:
        server("127.0.0.1", port, SCENE, feed, TEMPLATES)
    assert str(raised.value) == (
        f"cannot serve the live page at 127.0.0.1:{port}: Address already in use; "
        "give another address or port with -e monitoring_page_address= or monitoring_page_port="
    )


def test_exporters_are_read_side_by_side_and_one_that_is_none_says_so() -> None:
    answers = {"/metrics": b'# TYPE flowstream_machine_up gauge\nflowstream_machine_up{machine="sw1"} 1.0\n# EOF\n'}

    class Exporter(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[self.path])

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Exporter) as exporter:
        place = f"127.0.0.1:{exporter.server_address[1]}"
        threading.Thread(target=exporter.serve_forever, daemon=True).start()
        good = read({"sw1": place})["sw1"]
        answers["/metrics"] = b"<html>"
        bad = read({"sw1": place})["sw1"]
        exporter.shutdown()
    assert isinstance(good, Page)
    assert good.samples == {("flowstream_machine_up", (("machine", "sw1"),)): 1}
    gone = read({"sw1": place})["sw1"]
    for why in (bad, gone):
        assert isinstance(why, str)
        assert why.startswith(f"cannot read http://{place}/metrics: ")
        assert why.endswith("; monitoring.yml brings the exporter")
