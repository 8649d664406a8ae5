# SPDX-License-Identifier: Apache-2.0
"""What the errors of a toolstack really mean: they say which step failed, and seldom what ran out.

docs/walls.md says which of these texts were provoked on the test bench, and which are from the sources.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible.module_utils.flowstream.errors import FlowstreamError


@dataclass(frozen=True)
class Cause:
    """The texts by which something shows, and the sentence for it: what ran out, and what to turn."""

    pattern: re.Pattern[str]
    sentence: str


def _cause(pattern: str, sentence: str) -> Cause:
    return Cause(re.compile(pattern, re.IGNORECASE), sentence)


CAUSES = (
    _cause(
        r"xs transaction for domain.*invalid argument|xs_transaction_start.*invalid argument",
        "xenstored is out of open files, a thing that XenStore has no word for (EMFILE comes out as EINVAL): raise LimitNOFILE"
        " of xenstored, or leave no process for each domain (xl create -e)",
    ),
    _cause(
        r"commit xenstore transaction: bad file descriptor|failed to get dompath: bad file descriptor",
        "a listing in XenStore no longer fits a message (4,096 bytes, some 1,040 domains), at which libxl loses its connection:"
        " the C xenstored sends it in parts (role dom0_limits for toolstack xl or libvirt, and a reboot); module xen_domains ends"
        " domains without a listing",
    ),
    _cause(
        r"cannot run (xl|xenstore-\S+): no answer",
        "xenstored does not answer, as oxenstored does when it is out of open files: raise them with prlimit while it runs",
    ),
    _cause(
        r"console tty: timed out",
        "xenconsoled made no terminal for the domain's console: raise sysctl kernel.pty.max or LimitNOFILE of xenconsoled;"
        " journalctl -t xenconsoled says which",
    ),
    _cause(
        r"failed to create tty for domain-\d+ \(errno = 28",
        "dom0 is out of pseudoterminals: raise sysctl kernel.pty.max",
    ),
    _cause(
        r"failed to create tty for domain-\d+ \(errno = 24",
        "xenconsoled is out of open files: raise its LimitNOFILE",
    ),
    _cause(
        r"can't allocate low memory for domain|xc_dom_boot_mem_init failed|failed to free memory for the domain|"
        r"xc_domain_create.*cannot allocate memory|domain creation fail.*cannot allocate memory",
        "Xen has no memory left for the domain: end or shrink domains, or give dom0 less memory (Xen dom0_mem)",
    ),
    _cause(
        r"fork failed: resource temporarily unavailable|can't fork|cannot fork|unable to fork|"
        r"failed to create .*thread.*resource temporarily unavailable",
        "dom0 may have no more tasks: raise TasksMax of the session's unit, sysctl kernel.threads-max or kernel.pid_max, or"
        " leave no process for each domain (xl create -e)",
    ),
    _cause(
        r"could not allocate kthread for vif|vif-\d+-\d+: 11 mapping shared-frames",
        "netback got no thread for the interface: raise sysctl kernel.threads-max",
    ),
    _cause(
        r"exchange full",
        "the Linux bridge has its 1,023 ports: use Open vSwitch, or more bridges",
    ),
    _cause(
        r"(evtchn|event channel).*no space left on device",
        "dom0 or Xen is out of event channels: use FIFO event channels (no xen.fifo_events=0), which are 131,072",
    ),
    _cause(
        r"grant.*no space left on device|maptrack",
        "dom0 is out of grant mappings: raise gnttab_max_maptrack_frames on Xen's command line",
    ),
    _cause(
        r"neighbou?r table overflow",
        "dom0 knows too many neighbours: raise sysctl net.ipv4.neigh.default.gc_thresh3",
    ),
    _cause(
        r"disk quota exceeded|\bEQUOTA\b",
        "a domain has used up its XenStore quota: raise quota-maxentity, quota-maxwatch or quota-transaction in"
        " /etc/xen/oxenstored.conf, which oxenstored reads when the host boots",
    ),
    _cause(
        r"xenstore.*argument list too long|\bE2BIG\b",
        "a XenStore message is over 4,096 bytes, most likely a listing of a thousand names: ask for less at a time",
    ),
)  # fmt: skip


def causes(text: str) -> list[str]:
    """The sentences for an error, empty when nothing is known of it."""
    return [cause.sentence for cause in CAUSES if cause.pattern.search(text)]


def explained(error: FlowstreamError, *said: object) -> FlowstreamError:
    """`error` with what is known of it, or of what else a toolstack said, after its own sentence."""
    text = "\n".join(str(part) for part in (*error.messages, *said) if part)
    return FlowstreamError(*error.messages, *causes(text), details=error.details)
