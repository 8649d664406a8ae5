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
        for _ in $(seq 100); do ip -4 -oneline address show {interface} 2>/dev/null | grep -q inet && break; sleep 0.1; done
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
