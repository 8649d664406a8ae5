# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.store import Domain, Nodes, Permission, find_domain, wait_for

from .xenstore_server import Message, XenStoreServer


@pytest.fixture
def store(xenstore: XenStoreServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryXenStore]:
    monkeypatch.setenv("XENSTORED_PATH", str(xenstore.path))
    with LibraryXenStore(2) as connected:
        yield connected


def test_a_value_is_written_read_and_removed_with_what_is_below(store: LibraryXenStore) -> None:
    store.write("/a/b", b"one\ntwo")
    assert (store.read("/a/b"), store.read("/a"), store.read("/x")) == (b"one\ntwo", b"", None)
    store.remove("/a")
    store.remove("/a")
    assert store.read("/a/b") is None


def test_a_node_that_is_made_again_keeps_its_value(store: LibraryXenStore) -> None:
    store.make("/a")
    store.write("/a", b"1")
    store.make("/a")
    assert store.read("/a") == b"1"


@pytest.mark.parametrize("has_parts", [True, False])
@pytest.mark.parametrize("count", [0, 3, 2000])
def test_children_are_listed_however_many_they_are(
    store: LibraryXenStore, xenstore: XenStoreServer, count: int, has_parts: bool
) -> None:
    xenstore.has_parts = has_parts
    names = sorted(f"n{number}" for number in range(count))
    store.make("/a")
    for name in names:
        xenstore.write(f"/a/{name}", "")
    assert store.children("/a") == tuple(names)
    assert store.children("/b") is None
    assert store.read("/a") == b""


def test_permissions_are_inherited_read_and_set(store: LibraryXenStore) -> None:
    store.write("/a", b"")
    wanted = (Permission("n", 5), Permission("b", 7), Permission("r", 8))
    store.permit("/a", wanted)
    store.make("/a/b")
    assert store.permissions("/a") == store.permissions("/a/b") == wanted
    assert store.permissions("/x") is None


def test_a_refused_request_says_why(store: LibraryXenStore) -> None:
    with pytest.raises(FlowstreamError) as error:
        store.write("/a", b"x" * 3000)
    assert str(error.value) == "cannot write /a: E2BIG (Argument list too long)"


def test_a_transaction_is_done_again_after_a_collision(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    xenstore.write("/count", "0")
    seen = []

    def increment(nodes: Nodes) -> None:
        seen.append(nodes.read("/count"))
        if len(seen) == 1:
            xenstore.write("/count", "41")
        nodes.write("/count", b"%d" % (int(seen[-1] or b"0") + 1))

    store.transact(increment)
    assert seen == [b"0", b"41"]
    assert xenstore.read("/count") == "42"


def test_a_transaction_that_fails_leaves_nothing(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    def fail(nodes: Nodes) -> None:
        nodes.write("/a", b"1")
        raise FlowstreamError("no")

    with pytest.raises(FlowstreamError):
        store.transact(fail)
    assert xenstore.read("/a") is None
    assert xenstore.requests[-1] == (Message.TRANSACTION_END, b"F\0")


def test_collisions_come_to_an_end(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    xenstore.collisions = 1000
    with pytest.raises(FlowstreamError) as error:
        store.transact(lambda nodes: nodes.write("/a", b""))
    assert str(error.value) == ("cannot end a transaction in 100 attempts: EAGAIN (Resource temporarily unavailable)")


def test_a_transaction_leaves_alone_what_others_have_written_meanwhile(
    store: LibraryXenStore, xenstore: XenStoreServer
) -> None:
    def change(nodes: Nodes) -> None:
        nodes.write("/mine", b"1")
        xenstore.write("/theirs", "2")

    store.transact(change)
    assert (xenstore.read("/mine"), xenstore.read("/theirs")) == ("1", "2")


def test_each_watch_tells_of_its_own_path_only(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    with store.watch("/a") as a, store.watch("/b") as b:
        assert a.wait(2)
        assert b.wait(2)
        xenstore.write("/b/c", "1")
        assert b.wait(2)
        assert not a.wait(0)


def test_waiting_ends_with_what_was_looked_for(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    writer = threading.Timer(0.1, xenstore.write, ("/a", "done"))
    writer.start()
    with store.watch("/a") as watch:
        assert wait_for(watch, lambda: store.read("/a"), 5) == b"done"
        assert wait_for(watch, lambda: store.read("/never"), 0.05) is None
    writer.join()


def test_a_daemon_that_does_not_answer_hangs_nobody(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    with LibraryXenStore(0.2) as impatient:
        xenstore.silent = True
        for _ in range(2):
            with pytest.raises(FlowstreamError) as error:
                impatient.read("/a")
            assert str(error.value) == "cannot read /a: no answer from XenStore in 0.2 s"
        xenstore.silent = False


def test_a_host_without_xenstore_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XENSTORED_PATH", str(tmp_path / "none"))
    with pytest.raises(FlowstreamError) as error:
        LibraryXenStore(2)
    assert str(error.value) == "cannot connect to XenStore: ENOENT (No such file or directory)"


def test_a_domain_is_found_by_number_and_by_name(store: LibraryXenStore, xenstore: XenStoreServer) -> None:
    for number, name in [(5, "pm0"), (6, "pm1"), (7, "pm1")]:
        xenstore.write(f"/local/domain/{number}/name", name)
    assert find_domain(store, "5") == find_domain(store, "pm0") == Domain(5, "pm0")
    for missing, cause in [
        ("9", "no domain of this number runs on this host"),
        ("pm9", "no domain of this name runs on this host"),
        ("pm1", "domains 6, 7 have this name; use the number"),
    ]:
        with pytest.raises(FlowstreamError) as error:
            find_domain(store, missing)
        assert str(error.value) == f"cannot find domain {missing}: {cause}"


@pytest.mark.parametrize("text", ["", "5", "x5", "r", "r05", "r5 "])
def test_what_is_no_permission_is_refused(text: str) -> None:
    with pytest.raises(FlowstreamError) as error:
        Permission.parse(text)
    assert str(error.value) == (f"permissions: '{text}' is not one of n, r, w, b and a domain's number, such as r5")
