# SPDX-License-Identifier: Apache-2.0
"""click_config, click_handler and clickos_router with a ClickOS domain, as test_click_config.py has them with a socket."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Host
from .played_clickos import PlayedClickOs
from .xenstore_server import XenStoreServer

OLD, NEW = "Idle -> Discard;\n", "Idle -> Counter -> Discard;\n"


@pytest.fixture
def guest(xenstore: XenStoreServer) -> PlayedClickOs:
    return PlayedClickOs(xenstore, handlers={"queue.capacity": "1000"})


def configuration(host: Host, **arguments: Any) -> dict[str, Any]:
    return host.module("click_config", **{"domain": "pm0", **arguments})


@pytest.mark.parametrize("router", [0, 2])
def test_a_configuration_is_predicted_installed_replaced_and_then_left_alone(
    xen_host: Host, guest: PlayedClickOs, router: int
) -> None:
    name = "domain pm0" if router == 0 else "router 2 of domain pm0"
    assert configuration(xen_host, router=router, content=OLD)["diff"]["before"] == ""
    predicted = configuration(xen_host, router=router, content=NEW, check=True)
    assert guest.routers[str(router)].config == OLD
    done = configuration(xen_host, router=router, content=NEW)
    repeated = configuration(xen_host, router=router, content=NEW)

    assert predicted == done
    assert done["changes"] == [f"replace the configuration of {name}"]
    assert (done["diff"]["before"], done["diff"]["after"]) == (OLD, NEW)
    assert repeated["changed"] is False
    assert guest.routers[str(router)].config == NEW


def test_a_refused_configuration_says_where_and_the_old_one_keeps_running(xen_host: Host, guest: PlayedClickOs) -> None:
    configuration(xen_host, content=OLD)
    failed = configuration(xen_host, content="Idle ->\nNoSuchElement -> Discard;\n")
    assert failed["msg"] == (
        "cannot install the configuration of domain pm0: config:2: unknown element class 'NoSuchElement'"
    )
    assert failed["reply"] == ["config:2: unknown element class 'NoSuchElement'"]
    assert guest.routers["0"].config == OLD
    assert configuration(xen_host, content=OLD)["changed"] is False


def test_handlers_are_read_and_written_as_through_a_socket(xen_host: Host, guest: PlayedClickOs) -> None:
    configuration(xen_host, content=NEW)
    read = xen_host.module("click_handler", domain="5", read=["queue.capacity", "config"])
    assert read["values"] == {"queue.capacity": "1000", "config": NEW}
    write = {"domain": "pm0", "write": "queue.capacity", "value": "2000", "read_back": "queue.capacity"}
    predicted = xen_host.module("click_handler", **write, check=True)
    assert guest.handlers["queue.capacity"] == "1000"
    done = xen_host.module("click_handler", **write)
    assert predicted == done
    assert done["changes"] == ["write queue.capacity 2000"]
    assert xen_host.module("click_handler", **write)["changed"] is False


@pytest.mark.parametrize("check", [False, True])
def test_a_handler_that_does_not_exist_is_an_error_also_in_check_mode(
    xen_host: Host, guest: PlayedClickOs, check: bool
) -> None:
    configuration(xen_host, content=NEW)
    assert xen_host.module("click_handler", domain="pm0", write="queue.nothing", check=check)["failed"] is True
    failed = xen_host.module("click_handler", domain="pm0", read=["nothing.count"], check=check)
    assert failed["msg"] == "cannot read handler 'nothing.count' of domain pm0: no read handler 'nothing.count'"


def test_a_router_is_stopped_started_and_removed_as_predicted(xen_host: Host, guest: PlayedClickOs) -> None:
    configuration(xen_host, content=NEW)
    before = "started"
    for state, verb in [("stopped", "stop"), ("started", "start"), ("absent", "remove")]:
        predicted = xen_host.module("clickos_router", domain="pm0", state=state, check=True)
        done = xen_host.module("clickos_router", domain="pm0", state=state)
        assert predicted == done
        assert done["changes"] == [f"{verb} domain pm0"]
        assert done["diff"] == {"before": f"{before}\n", "after": f"{state}\n"}
        assert xen_host.module("clickos_router", domain="pm0", state=state)["changed"] is False
        before = state
    assert guest.routers["0"].config is None


@pytest.mark.parametrize("check", [False, True])
def test_a_router_that_is_not_there_cannot_be_started(xen_host: Host, guest: PlayedClickOs, check: bool) -> None:
    failed = xen_host.module("clickos_router", domain="pm0", check=check)
    assert failed["msg"] == "cannot start domain pm0: no router; install one with click_config"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"domain": "pm9"}, "cannot find domain pm9: no domain of this name runs on this host"),
        ({"domain": "pm0", "socket": "/s"}, "parameters are mutually exclusive: socket|domain"),
        ({}, "one of the following is required: socket, domain"),
    ],
)
def test_one_click_has_to_be_named(
    xen_host: Host, guest: PlayedClickOs, arguments: dict[str, Any], message: str
) -> None:
    assert xen_host.module("click_config", content=NEW, **arguments)["msg"] == message


def test_a_domain_that_does_not_answer_is_an_error_in_time(xen_host: Host, guest: PlayedClickOs) -> None:
    guest.silent = True
    failed = configuration(xen_host, content=NEW, timeout=0.3)
    assert failed["msg"] == "cannot read handler 'config' of domain pm0: no answer in 0.3 s"
