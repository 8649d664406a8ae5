# SPDX-License-Identifier: Apache-2.0
"""KernelTun, FromHost and ToHost: the kernel's own ping goes through an interface whose other end is a configuration.

Each test runs in a network namespace of its own, which ends with it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
CLICK = ROOT / "clickos" / "build" / "click"

PINGED = "3 packets transmitted, 3 received"


def ping_through(configuration: str, interface: str, address: str) -> subprocess.CompletedProcess[str]:
    """Run a configuration that makes `interface`, ping `address` by it, end the configuration and return what all said."""
    script = f"""
        trap 'kill $click' EXIT
        timeout 30 "$0" -e "$1" & click=$!
        for _ in $(seq 100); do ip -4 -oneline address show dev {interface} up 2>/dev/null | grep -q inet && break; sleep 0.1; done
        ping -c 3 -i 0.2 -W 2 {address}
        kill -INT $click; wait $click
    """
    return subprocess.run(
        ["unshare", "--net", "bash", "-c", script, CLICK, configuration],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_kernel_pings_through_an_ip_interface() -> None:
    configuration = """
        tun :: KernelTun(10.99.0.1/24, DEVNAME tun0) -> ping :: ICMPPingResponder -> tun;
        DriverManager(pause, print "drops $(tun.drops)");
    """
    done = ping_through(configuration, "tun0", "10.99.0.7")
    assert PINGED in done.stdout, done.stdout + done.stderr
    assert "drops 0" in done.stdout


def test_the_kernel_pings_through_an_interface_that_is_served_by_a_queue() -> None:
    """What is pulled reaches the machine as well, and packets of a FromHost may be without a link header."""
    configuration = """
        FromHost(fake0, 10.97.0.1/24, TYPE IP) -> ICMPPingResponder -> ToHost(fake0);
        tun :: KernelTun(10.96.0.1/24, DEVNAME tun0) -> ICMPPingResponder -> Queue -> c :: Counter -> tun;
        DriverManager(pause, print "replies $(c.count) drops $(tun.drops)");
    """
    for interface, address in (("tun0", "10.96.0.7"), ("fake0", "10.97.0.7")):
        done = ping_through(configuration, interface, address)
        assert PINGED in done.stdout, done.stdout + done.stderr
        assert f"replies {3 if interface == 'tun0' else 0} drops 0" in done.stdout


def test_the_kernel_pings_through_an_ethernet_interface() -> None:
    configuration = """
        FromHost(tap0, 10.98.0.1/24, ETHER 2:0:0:0:0:1) -> kinds :: Classifier(12/0806, 12/0800, -);
        kinds[0] -> ARPResponder(10.98.0.2 2:0:0:0:0:2) -> back :: ToHost(tap0);
        kinds[1] -> CheckIPHeader(14) -> ICMPPingResponder -> EtherMirror -> back;
        kinds[2] -> Discard;
        DriverManager(pause, print "drops $(back.drops)");
    """
    done = ping_through(configuration, "tap0", "10.98.0.2")
    assert PINGED in done.stdout, done.stdout + done.stderr
    assert "drops 0" in done.stdout
