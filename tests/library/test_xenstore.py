# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading

import pytest

from .conftest import Host
from .xenstore_server import XenStoreServer

TOOL = {"path": "/tool/x", "value": "1", "values": {"a": "one", "b/c": "two"}, "permissions": ["n0", "r5"]}


def test_a_node_with_values_and_permissions_is_predicted_made_and_then_left_alone(
    xen_host: Host, xenstore: XenStoreServer
) -> None:
    predicted = xen_host.module("xenstore", **TOOL, check=True)
    assert xenstore.read("/tool/x") is None
    done = xen_host.module("xenstore", **TOOL)
    repeated = xen_host.module("xenstore", **TOOL)

    assert predicted == done
    assert done["changes"] == [
        "make /tool/x",
        "set the permissions of /tool/x",
        "write /tool/x",
        "write /tool/x/a",
        "write /tool/x/b/c",
    ]
    assert done["diff"] == {
        "before": "permissions = n0\n",
        "after": "/tool/x = 1\npermissions = n0 r5\n/tool/x/a = one\n/tool/x/b/c = two\n",
    }
    assert (repeated["changed"], repeated["changes"]) == (False, [])
    assert xenstore.tree.permissions["/tool/x/b/c"] == ["n0", "r5"]


def test_a_tree_is_removed_with_all_that_is_in_it(xen_host: Host, xenstore: XenStoreServer) -> None:
    xen_host.module("xenstore", **TOOL)
    absent = {"path": "/tool/x", "state": "absent"}
    predicted = xen_host.module("xenstore", **absent, check=True)
    assert xenstore.read("/tool/x/b/c") == "two"
    done = xen_host.module("xenstore", **absent)

    assert predicted == done
    assert done["changes"] == ["remove /tool/x"]
    assert done["diff"]["before"] == "/tool/x = 1\n/tool/x/a = one\n/tool/x/b = \n/tool/x/b/c = two\n"
    assert xenstore.read("/tool/x") is None
    assert xen_host.module("xenstore", **absent)["changed"] is False


def test_a_long_value_is_kept_in_parts_without_those_of_a_longer_one(xen_host: Host, xenstore: XenStoreServer) -> None:
    parts = {"path": "/tool/x", "chunk_bytes": 1000}
    assert len(xen_host.module("xenstore", **parts, value="a" * 12_500)["changes"]) == 14
    shorter = xen_host.module("xenstore", **parts, value="a" * 11_500, check=True)
    assert shorter["changes"] == ["write /tool/x/11", "remove /tool/x/12"]
    assert shorter == xen_host.module("xenstore", **parts, value="a" * 11_500)
    assert xen_host.module("xenstore", **parts, value="a" * 11_500)["changed"] is False
    assert "".join(xenstore.read(f"/tool/x/{number}") or "" for number in range(13)) == "a" * 11_500


def test_a_path_may_be_relative_to_a_domain(xen_host: Host, xenstore: XenStoreServer) -> None:
    xenstore.write("/local/domain/5/name", "pm0")
    done = xen_host.module("xenstore", domain="pm0", path="control/shutdown", value="poweroff")
    assert done["path"] == "/local/domain/5/control/shutdown"
    assert xenstore.read("/local/domain/5/control/shutdown") == "poweroff"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "x"}, "path: 'x' does not begin with '/'; give the domain to whose folder it is relative"),
        ({"path": "/x", "domain": "pm0"}, "path: '/x' is not relative to the folder of domain pm0"),
        ({"path": "x", "domain": "pm0"}, "cannot find domain pm0: no domain of this name runs on this host"),
        ({"path": "/x", "value": "1", "chunk_bytes": 0}, "chunk_bytes: 0 is below 1"),
        ({"path": "/x", "value": "x" * 3000}, "cannot write /x: E2BIG (Argument list too long)"),
        (
            {"path": "/x", "permissions": ["rw5"]},
            "permissions: 'rw5' is not one of n, r, w, b and a domain's number, such as r5",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    xen_host: Host, xenstore: XenStoreServer, arguments: dict[str, object], message: str
) -> None:
    failed = xen_host.module("xenstore", **arguments)
    assert (failed["failed"], failed["msg"]) == (True, message)
    assert set(xenstore.tree.values) == {"/"}


def test_a_node_is_described(xen_host: Host) -> None:
    xen_host.module("xenstore", **TOOL)
    assert xen_host.module("xenstore_info", path="/tool/x", recurse=True) == {
        "changed": False,
        "path": "/tool/x",
        "exists": True,
        "value": "1",
        "children": ["a", "b"],
        "permissions": ["n0", "r5"],
        "nodes": {"/tool/x": "1", "/tool/x/a": "one", "/tool/x/b": "", "/tool/x/b/c": "two"},
    }
    assert xen_host.module("xenstore_info", path="/none")["exists"] is False


def test_a_value_is_waited_for(xen_host: Host, xenstore: XenStoreServer) -> None:
    xenstore.write("/x", "1 stopped")
    later = threading.Timer(0.5, xenstore.write, ("/x", "2 running"))
    later.start()
    assert xen_host.module("xenstore_info", path="/x", pattern="running$")["value"] == "2 running"
    later.join()
    failed = xen_host.module("xenstore_info", path="/x", pattern="error", timeout=0.2)
    assert failed["msg"] == "cannot find 'error' in /x: its value is '2 running' after 0.2 s"
    failed = xen_host.module("xenstore_info", path="/x", pattern="(")
    assert failed["msg"].startswith("pattern: '(' is not a regular expression: ")


def test_a_daemon_that_hangs_does_not_hang_the_module(xen_host: Host, xenstore: XenStoreServer) -> None:
    xenstore.silent = True
    failed = xen_host.module("xenstore_info", path="/x", timeout=0.2)
    assert failed["msg"] == "cannot read /x: no answer from XenStore in 0.2 s"
