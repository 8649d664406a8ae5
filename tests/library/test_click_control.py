# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.module_utils.flowstream.control.configuration import converge_configuration
from ansible.module_utils.flowstream.control.socket import (
    Address,
    ControlSocket,
    write_handler,
)
from ansible.module_utils.flowstream.errors import FlowstreamError

from .control_socket_server import ControlSocketServer

OLD, NEW = "Idle -> Discard;\n", "Idle -> Counter -> Discard;\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlSocketServer]:
    with ControlSocketServer(
        tmp_path / "s",
        readable={"c.count": "42\n", "config": OLD, "q.capacity": "1000", "big": "x" * 200_000},
        writable={"c.reset_counts": "", "hotconfig": "", "q.capacity": ""},
    ) as started:
        yield started


@pytest.fixture
def control(server: ControlSocketServer) -> Iterator[ControlSocket]:
    with ControlSocket(Address.parse(str(server.path)), 2) as connected:
        yield connected


def message(error: pytest.ExceptionInfo[FlowstreamError]) -> str:
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/run/x.sock", Address("/run/x.sock")),
        ("unix:/run/x.sock", Address("/run/x.sock")),
        ("tcp:192.0.2.1:7777", Address(None, "192.0.2.1", 7777)),
        ("[2001:db8::1]:7777", Address(None, "2001:db8::1", 7777)),
    ],
)
def test_an_address_is_a_path_or_a_host_with_its_port(text: str, address: Address) -> None:
    assert Address.parse(text) == address


@pytest.mark.parametrize("text", ["", "x.sock", "host:", "host:0", "host:99999", ":7"])
def test_anything_else_is_no_address(text: str) -> None:
    with pytest.raises(FlowstreamError) as error:
        Address.parse(text)
    assert message(error) == f"socket: '{text}' is neither an absolute path nor HOST:PORT"


def test_values_of_any_size_are_read_whole(control: ControlSocket) -> None:
    assert control.version == (1, 3)
    assert control.read("c.count") == "42\n"
    assert control.read("big") == "x" * 200_000
    assert control.read("c.count", "7") == "42\n7"
    assert control.read_until("c.count", "a\nb", "END") == "42\na\nb\n"


def test_many_values_are_asked_for_at_once_and_those_that_there_are_come(control: ControlSocket) -> None:
    assert control.read_present(["big", "gone.count", "c.count", "q.drops"]) == {
        "big": "x" * 200_000,
        "c.count": "42\n",
    }
    assert control.read_present([]) == {}
    assert control.read("c.count") == "42\n"


def test_values_are_written_by_each_of_the_three_commands(control: ControlSocket, server: ControlSocketServer) -> None:
    assert control.write("q.capacity", "5\nä") == ()
    assert control.read("q.capacity") == "5\nä"
    control.write_line("q.capacity", "6")
    assert server.writable["q.capacity"] == "6"
    control.write_until("q.capacity", "7", "END")
    assert server.writable["q.capacity"] == "7\n"
    control.quit()
    assert server.requests[0] == "WRITEDATA q.capacity 4"


def test_a_write_that_succeeds_with_a_warning_gives_the_warning(
    control: ControlSocket, server: ControlSocketServer
) -> None:
    server.warnings["q.capacity"] = "shorter than before"
    assert control.write("q.capacity", "5") == ("shorter than before",)


def test_handlers_can_be_asked_for(control: ControlSocket) -> None:
    assert (control.readable("c.count"), control.readable("c.nothing")) == (True, False)
    assert (control.writable("q.capacity"), control.writable("c.count")) == (True, False)


def test_a_handler_that_does_not_exist_is_named_with_clicks_own_words(
    control: ControlSocket, server: ControlSocketServer
) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.read("c.nothing")
    assert message(error) == (f"cannot read handler 'c.nothing' of {server.path}: No handler named 'c.nothing'")
    assert error.value.details["code"] == 511


def test_every_line_of_a_refused_write_is_kept(control: ControlSocket, server: ControlSocketServer) -> None:
    server.errors["hotconfig"] = ["config:1: unknown element class 'Foo'", "config:2: syntax error"]
    with pytest.raises(FlowstreamError) as error:
        control.write("hotconfig", "Foo")
    assert message(error) == (
        f"cannot write handler 'hotconfig' of {server.path}: "
        "config:1: unknown element class 'Foo'\nconfig:2: syntax error"
    )


@pytest.mark.parametrize("name", ["", "a b", "a\r\nWRITE x"])
def test_a_handler_name_cannot_carry_a_second_request(control: ControlSocket, name: str) -> None:
    with pytest.raises(FlowstreamError) as error:
        control.read(name)
    assert message(error) == f"handler '{name}' is not a name such as element.handler"


def test_a_click_that_does_not_answer_is_an_error_in_time(server: ControlSocketServer) -> None:
    server.silent = True
    with ControlSocket(Address.parse(str(server.path)), 0.1) as control, pytest.raises(FlowstreamError) as error:
        control.read("c.count")
    assert message(error) == f"cannot hear from {server.path}: no answer in 0.1 s"


def test_something_that_is_not_click_is_recognised(tmp_path: Path) -> None:
    with ControlSocketServer(tmp_path / "s", greeting="SSH-2.0-x"), pytest.raises(FlowstreamError) as error:
        ControlSocket(Address.parse(str(tmp_path / "s")), 1)
    assert message(error) == (f"cannot understand {tmp_path}/s: 'SSH-2.0-x' is not the greeting of a ControlSocket")


def test_a_socket_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlowstreamError) as error:
        ControlSocket(Address.parse(str(tmp_path / "s")), 1)
    assert message(error) == f"cannot connect to {tmp_path}/s: No such file or directory"


def test_a_tcp_socket_does_as_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = Address(None, "127.0.0.1", listener.getsockname()[1])
        listener.settimeout(1)
        with pytest.raises(FlowstreamError) as error:
            ControlSocket(address, 0.1)
    assert message(error) == (
        f"cannot hear from {address}: no greeting in 0.1 s; an engine has 256 connections at most, and others wait"
    )


def test_a_handler_that_holds_the_value_is_not_written_again(
    control: ControlSocket, server: ControlSocketServer
) -> None:
    predicted = write_handler(control, "q.capacity", "2000", "q.capacity", check_mode=True)
    assert server.writable["q.capacity"] == ""
    done = write_handler(control, "q.capacity", "2000", "q.capacity", check_mode=False)
    repeated = write_handler(control, "q.capacity", "2000", "q.capacity", check_mode=False)
    assert predicted == done
    assert done["changes"] == ["write q.capacity 2000"]
    assert done["diff"] == {"before": "1000\n", "after": "2000\n"}
    assert repeated["changed"] is False


def test_check_mode_finds_a_handler_that_cannot_be_written(control: ControlSocket) -> None:
    with pytest.raises(FlowstreamError) as error:
        write_handler(control, "c.count", "1", None, check_mode=True)
    assert message(error) == "cannot write handler 'c.count': there is no write handler of this name"


def converge(server: ControlSocketServer, text: str, check_mode: bool = False) -> dict[str, object]:
    with ControlSocket(Address.parse(str(server.path)), 2) as control:
        return converge_configuration(control, "r", text, check_mode)


def test_a_configuration_is_predicted_swapped_and_then_left_alone(server: ControlSocketServer) -> None:
    predicted = converge(server, NEW, check_mode=True)
    assert server.readable["config"] == OLD
    done = converge(server, NEW)
    assert predicted == done
    assert done["changes"] == ["replace the configuration of r"]
    assert server.readable["config"] == NEW
    assert converge(server, NEW.replace(";", ";  ") + "\n")["changed"] is False


def test_a_connection_that_ends_with_the_swap_counts_by_what_runs_afterwards(server: ControlSocketServer) -> None:
    server.hang_up_on = "hotconfig"
    assert converge(server, NEW)["changed"] is True
    assert server.readable["config"] == NEW


def test_a_refused_configuration_is_an_error_and_the_old_one_stays(server: ControlSocketServer) -> None:
    server.errors["hotconfig"] = ["config:1: unknown element class 'Foo'"]
    with pytest.raises(FlowstreamError) as error:
        converge(server, "Foo;")
    assert message(error).endswith("config:1: unknown element class 'Foo'")
    assert server.readable["config"] == OLD
