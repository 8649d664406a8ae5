# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xen.mass.observe import ask_all
from ansible.module_utils.flowstream.xenstore.pipeline import XenStorePipeline

from .played_clickos import PlayedClickOs, Router
from .xenstore_server import Message, XenStoreServer

AT_ONCE = 64
PATHS = [f"/local/domain/{number}/name" for number in range(1, 201)]


@pytest.fixture
def store(xenstore: XenStoreServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[XenStorePipeline]:
    monkeypatch.setenv("XENSTORED_PATH", str(xenstore.path))
    with XenStorePipeline(5) as connected:
        yield connected


def refused(call: object, *arguments: object) -> str:
    with pytest.raises(FlowstreamError) as caught:
        call(*arguments)  # type: ignore[operator]
    return str(caught.value)


def test_many_values_are_written_read_and_removed(store: XenStorePipeline, xenstore: XenStoreServer) -> None:
    values = {path: f"name\n{path}\0".encode() for path in PATHS}
    store.write(values)
    assert store.read(PATHS) == values
    store.remove(PATHS[1:])
    assert store.read(PATHS) == {PATHS[0]: values[PATHS[0]]}
    assert len(xenstore.requests) == 200 + 200 + 199 + 200
    assert store.read([]) == {}


def test_nodes_that_are_not_there_are_left_out(store: XenStorePipeline, xenstore: XenStoreServer) -> None:
    xenstore.write(PATHS[0], "")
    xenstore.write(PATHS[2], "three")
    assert store.read(PATHS[:4]) == {PATHS[0]: b"", PATHS[2]: b"three"}
    store.remove(["/nowhere"])


def test_requests_do_not_wait_for_answers_but_no_more_are_under_way_than_the_socket_holds(
    xenstore: XenStoreServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XENSTORED_PATH", str(xenstore.path))
    xenstore.silent = True
    with XenStorePipeline(0.1) as store:
        assert refused(store.read, PATHS) == "cannot ask XenStore: no answer in time"
    deadline = time.monotonic() + 5
    while len(xenstore.requests) < AT_ONCE and time.monotonic() < deadline:
        pass
    assert xenstore.requests == [(Message.READ, path.encode() + b"\0") for path in PATHS[:AT_ONCE]]


def test_a_refused_request_says_why_and_the_connection_goes_on(
    store: XenStorePipeline, xenstore: XenStoreServer
) -> None:
    xenstore.refused = {PATHS[1]: "EQUOTA", PATHS[2]: "EACCES", PATHS[3]: "ENOSUCHERROR"}
    values = dict.fromkeys(PATHS[:2], b"x")
    assert refused(store.write, values) == f"cannot write {PATHS[1]}: EDQUOT ({os.strerror(errno.EDQUOT)})"
    assert refused(store.read, PATHS[2:3]) == f"cannot read {PATHS[2]}: EACCES (Permission denied)"
    assert refused(store.remove, PATHS[3:4]) == f"cannot remove {PATHS[3]}: EIO (Input/output error)"
    assert store.read(PATHS[:1]) == {PATHS[0]: b"x"}


def test_a_daemon_that_closes_the_connection_is_an_error(store: XenStorePipeline, xenstore: XenStoreServer) -> None:
    xenstore.closing = True
    assert refused(store.read, PATHS[:1]) == "cannot ask XenStore: Connection reset by peer"


def test_a_host_without_a_daemon_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENSTORED_PATH", str(tmp_path / "none"))
    assert refused(XenStorePipeline, 1) == "cannot connect to XenStore: No such file or directory"


def test_all_domains_are_asked_at_once_and_those_that_answer_are_heard(
    store: XenStorePipeline, xenstore: XenStoreServer
) -> None:
    domains = range(1, 100)
    for domain in domains:
        PlayedClickOs(
            xenstore, domain, f"d{domain}", {} if domain == 2 else {"c.count": str(domain % 2)}, {"0": Router("Idle;")},
            silent=domain == 3,
        )  # fmt: skip
    answers = ask_all(store, domains, "c.count", 0)
    assert sorted(answers) == [domain for domain in domains if domain != 3]
    assert (answers[1].text, answers[4].text, answers[2].ok) == (b"1", b"0", False)
    assert [xenstore.read(f"/local/domain/{domain}/data/clickos/0/request") for domain in domains] == [None] * 99
