# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from ansible.module_utils.flowstream.control.clickos import ClickOsControl
from ansible.module_utils.flowstream.control.clickos_messages import Status
from ansible.module_utils.flowstream.control.configuration import converge_configuration
from ansible.module_utils.flowstream.control.socket import write_handler
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.xenstore.library import LibraryXenStore
from ansible.module_utils.flowstream.xenstore.store import Domain

from .played_clickos import PlayedClickOs
from .xenstore_server import XenStoreServer

FOLDER = "/local/domain/5/data/clickos/0"
OLD, NEW = "Idle -> Discard;\n", "Idle -> Counter -> Discard;\n"


@pytest.fixture
def guest(xenstore: XenStoreServer) -> PlayedClickOs:
    return PlayedClickOs(xenstore, handlers={"queue.capacity": "1000", "long": "0123456789" * 1000})


@pytest.fixture
def control(
    guest: PlayedClickOs, xenstore: XenStoreServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClickOsControl]:
    with connected(xenstore, monkeypatch, 5) as opened:
        yield opened


@pytest.fixture
def impatient(
    guest: PlayedClickOs, xenstore: XenStoreServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ClickOsControl]:
    with connected(xenstore, monkeypatch, 0.2) as opened:
        yield opened


@contextmanager
def connected(store: XenStoreServer, monkeypatch: pytest.MonkeyPatch, timeout: float) -> Iterator[ClickOsControl]:
    monkeypatch.setenv("XENSTORED_PATH", str(store.path))
    with LibraryXenStore(5) as library, ClickOsControl(library, Domain(5, "pm0"), 0, timeout) as control:
        yield control


def message(error: pytest.ExceptionInfo[FlowstreamError]) -> str:
    return str(error.value)


def test_a_domain_without_a_router_has_an_empty_configuration(control: ClickOsControl) -> None:
    assert control.status() is None
    assert control.configuration() == ""


def test_a_configuration_is_predicted_installed_and_then_left_alone(control: ClickOsControl) -> None:
    predicted = converge_configuration(control, control.name, NEW, check_mode=True)
    assert control.status() is None
    done = converge_configuration(control, control.name, NEW, check_mode=False)
    assert predicted == done
    assert done["changes"] == ["replace the configuration of domain pm0"]
    assert control.status() == Status(1, "running")
    assert converge_configuration(control, control.name, NEW.replace(";", ";  "), check_mode=False)["changed"] is False


def test_a_long_configuration_goes_in_parts_and_a_shorter_one_removes_those_that_it_has_not(
    control: ClickOsControl, xenstore: XenStoreServer
) -> None:
    long = f"{NEW}// {'ü' * 100_000}\n"
    control.install(long)
    assert control.configuration() == long
    control.install(NEW)
    assert control.configuration() == NEW
    assert [node for node in xenstore.tree.values if node.startswith(f"{FOLDER}/config/")] == [f"{FOLDER}/config/0"]


def test_a_number_that_the_domain_knows_is_not_used_again(control: ClickOsControl, xenstore: XenStoreServer) -> None:
    control.install(OLD)
    control.install(NEW)
    xenstore.remove(f"{FOLDER}/generation")
    control.install(OLD)
    assert control.status() == Status(3, "running")


def test_a_refused_configuration_is_an_error_with_its_lines_and_the_old_one_stays(control: ClickOsControl) -> None:
    control.install(OLD)
    with pytest.raises(FlowstreamError) as error:
        control.install("Idle ->\nNoSuchElement -> Discard;\n")
    assert message(error) == (
        "cannot install the configuration of domain pm0: config:2: unknown element class 'NoSuchElement'"
    )
    assert error.value.details == {"reply": ["config:2: unknown element class 'NoSuchElement'"]}
    assert control.configuration() == OLD


def test_a_router_is_stopped_started_and_removed(control: ClickOsControl, xenstore: XenStoreServer) -> None:
    control.install(NEW)
    control.stop()
    assert control.status() == Status(1, "stopped")
    control.start()
    assert control.status() == Status(1, "running")
    control.remove()
    assert control.status() == Status(2, "stopped")
    assert control.configuration() == ""
    assert [node for node in xenstore.tree.values if node.startswith(f"{FOLDER}/config/")] == []


def test_a_router_that_is_not_there_cannot_be_started(control: ClickOsControl) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.start()
    assert message(error) == "cannot start domain pm0: no router"


def test_a_long_answer_is_read_to_its_end(control: ClickOsControl, guest: PlayedClickOs) -> None:
    control.install(NEW)
    assert control.read("long") == guest.handlers["long"]


def test_an_empty_value_is_a_value(control: ClickOsControl, guest: PlayedClickOs) -> None:
    control.install(NEW)
    control.write("queue.reset_counts", "")
    assert guest.handlers["queue.reset_counts"] == ""


def test_a_value_is_written_unless_it_is_already_there(control: ClickOsControl) -> None:
    control.install(NEW)
    predicted = write_handler(control, "queue.capacity", "2000", "queue.capacity", check_mode=True)
    assert control.read("queue.capacity") == "1000"
    done = write_handler(control, "queue.capacity", "2000", "queue.capacity", check_mode=False)
    assert predicted == done
    assert write_handler(control, "queue.capacity", "2000", "queue.capacity", check_mode=False)["changed"] is False


def test_handlers_that_do_not_exist_are_known_without_being_used(control: ClickOsControl) -> None:
    control.install(NEW)
    assert control.writable("queue.reset_counts")
    assert not control.readable("queue.reset_counts")
    assert not control.writable("other.reset_counts")
    assert control.readable("version")
    with pytest.raises(FlowstreamError) as error:
        control.read("other.count")
    assert message(error) == "cannot read handler 'other.count' of domain pm0: no read handler 'other.count'"


def test_a_value_that_no_request_carries_is_refused(control: ClickOsControl) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.write("queue.capacity", "1" * 3000)
    assert message(error) == (
        "cannot write handler 'queue.capacity' of domain pm0: a request of 3030 bytes is over 2000"
    )


def test_what_a_request_would_take_for_something_else_is_refused(control: ClickOsControl) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.read("queue.capacity more")
    assert message(error) == "handler 'queue.capacity more' is not a name such as element.handler"
    with pytest.raises(FlowstreamError) as error:
        control.read("table.lookup", "192.0.2.1\n192.0.2.2")
    assert message(error) == "cannot read handler 'table.lookup' of domain pm0: the parameter has several lines"


def test_a_configuration_that_no_domain_takes_is_refused(control: ClickOsControl) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.install("/" * 1_024_001)
    assert message(error) == "cannot use a configuration of 1024001 bytes: a ClickOS domain takes 1024000"


def test_many_clients_at_once_all_get_their_own_long_answers(
    control: ClickOsControl, guest: PlayedClickOs, xenstore: XenStoreServer
) -> None:
    control.install(NEW)
    guest.handlers |= {f"h{number}": str(number) * 9000 for number in range(4)}
    answers: dict[int, list[str]] = {}

    def ask(number: int) -> None:
        with LibraryXenStore(90) as store, ClickOsControl(store, Domain(5, "pm0"), 0, 90) as own:
            answers[number] = [own.read(f"h{number}") for _ in range(3)]

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    for client in clients:
        client.join(100)
    assert answers == {number: [str(number) * 9000] * 3 for number in range(4)}


def test_a_request_whose_client_is_gone_keeps_the_next_one_waiting_once(
    impatient: ClickOsControl, guest: PlayedClickOs, xenstore: XenStoreServer
) -> None:
    impatient.install(NEW)
    guest.silent = True
    xenstore.write(f"{FOLDER}/request", "77 read long")
    guest.silent = False
    assert impatient.read("queue.capacity") == "1000"


def test_a_domain_that_does_not_answer_is_an_error(impatient: ClickOsControl, guest: PlayedClickOs) -> None:
    guest.silent = True
    with pytest.raises(FlowstreamError) as error:
        impatient.read("list")
    assert message(error) == "cannot read handler 'list' of domain pm0: no answer in 0.2 s"
    with pytest.raises(FlowstreamError) as error:
        impatient.install(NEW)
    assert message(error) == "cannot install the configuration of domain pm0: no answer in 0.2 s"


def test_a_domain_that_panicked_says_why(
    impatient: ClickOsControl, guest: PlayedClickOs, xenstore: XenStoreServer
) -> None:
    guest.silent = True
    xenstore.write("/local/domain/5/data/clickos/panic", "out of memory")
    with pytest.raises(FlowstreamError) as error:
        impatient.install(NEW)
    assert (
        message(error) == "cannot install the configuration of domain pm0: the domain has ended itself: out of memory"
    )


def test_a_domain_that_ends_is_not_waited_for(
    control: ClickOsControl, guest: PlayedClickOs, xenstore: XenStoreServer
) -> None:
    guest.silent = True
    xenstore.on_change.append(lambda path: xenstore.remove("/local/domain/5") if path.endswith("/request") else None)
    with pytest.raises(FlowstreamError) as error:
        control.read("list")
    assert message(error) == "cannot read handler 'list' of domain pm0: the domain has ended"
