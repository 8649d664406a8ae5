# SPDX-License-Identifier: Apache-2.0
"""A dom0 as the test bench is: Debian 12 on Xen 4.17, 4 GiB, of which dom0 has one."""

from __future__ import annotations

from ansible.module_utils.flowstream.dom0.facts import Dom0, Process

STOCK = Dom0(
    domains=0,
    xen=(4, 17),
    xen_free=3101184,
    dom0_memory=1048576,
    kernel=(6, 1),
    nr_cpus=8192,
    processors=1,
    fifo_events=True,
    event_channels=29,
    irqs=39,
    memory=800000,
    threads=102,
    ptys=0,
    maptrack_frames=1024,
    xenstored="oxenstored",
    next_domid=1,
    sysctls={
        "kernel.pid_max": 4194304,
        "kernel.pty.max": 4096,
        "kernel.threads-max": 7028,
        "net.ipv4.neigh.default.gc_thresh1": 128,
        "net.ipv4.neigh.default.gc_thresh2": 512,
        "net.ipv4.neigh.default.gc_thresh3": 1024,
    },
    processes={
        "xenstored": Process(265, 15, 1048576, "xen.service", "xen.service", 3, 1054),
        "xenconsoled": Process(286, 14, 132008, "xen.service", "xen.service", 3, 1054),
        "ovs-vswitchd": Process(301, 25, 1048576, "ovs-vswitchd.service", "ovs-vswitchd.service", 5, 1054),
    },
    session=Process(900, 5, 1024, "ssh.service", "ssh.service", 9, 1054),
    quotas={"quota-maxentity": 1000, "quota-maxwatch": 100},
    open_vswitch=(3, 1),
    statistics_interval=5000,
)
