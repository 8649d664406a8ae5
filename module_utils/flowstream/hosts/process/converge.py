# SPDX-License-Identifier: Apache-2.0
"""Carry out what `steps` decides on a host that runs processing modules as processes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from ansible.module_utils.flowstream.control.configuration import check_configuration
from ansible.module_utils.flowstream.control.socket import Address, ControlSocket
from ansible.module_utils.flowstream.control.text import same_configuration
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.hosts.process.observe import observe_namespaces, observe_tagged_ports
from ansible.module_utils.flowstream.hosts.process.steps import PmStep, SeenPm, Verb, WantedPm
from ansible.module_utils.flowstream.hosts.process.unit import PmHost, unit_of
from ansible.module_utils.flowstream.world.files import remove_file, replace_file
from ansible.module_utils.flowstream.world.run import NotInstalledError, Run, checked

_POLL_SECONDS = 0.05
_JOURNAL_LINES = 20
# Units that one systemctl is asked for: a slow host starts or stops so many well within COMMAND_SECONDS.
_BATCH = 32


def check_configurations(run: Run, host: PmHost, pms: Sequence[WantedPm], check_mode: bool) -> None:
    """Have the host's own engine read every configuration, before anything is touched."""
    errors: list[str] = []
    for pm in pms if host.checks else ():
        try:
            check_configuration(run, str(host.click), pm.config, f"pm {pm.name}")
        except NotInstalledError:
            if check_mode:
                return
            raise
        except FlowstreamError as error:
            errors.extend(error.messages)
    if errors:
        raise FlowstreamError(*errors)


def carry_out(
    run: Run,
    host: PmHost,
    wanted: Mapping[str, WantedPm],
    seen: Mapping[str, SeenPm],
    steps: Sequence[PmStep],
    timeout: float,
) -> None:
    """Do the steps. `timeout` bounds, in seconds, how long a started module may take.

    Until then its ControlSocket has to answer, and its port to have its number.
    """

    def names(*verbs: Verb) -> list[str]:
        return [step.name for step in steps if step.verb in verbs]

    writes = names(Verb.CREATE, Verb.WRITE)
    for name in writes:
        replace_file(host.paths.config_file(name), wanted[name].config)
        replace_file(host.paths.unit_file(name), wanted[name].unit)
    if writes:
        checked(run, ["systemctl", "daemon-reload"], "reload the units")
    for name in names(Verb.RECONFIGURE):
        with _connect(host, name, timeout) as control:
            control.install(wanted[name].config)
        replace_file(host.paths.config_file(name), wanted[name].config)
    for batch in _batches(names(Verb.STOP)):
        checked(run, ["systemctl", "disable", "--now", "--", *map(unit_of, batch)], "stop the processing modules")
    for batch in _batches(names(Verb.ENABLE)):
        checked(run, ["systemctl", "enable", "--", *map(unit_of, batch)], "enable the processing modules")
    begun = names(Verb.START, Verb.RESTART)
    for batch in _batches(begun):
        _start(run, host, batch, timeout)
    _await_ports(run, [wanted[name] for name in begun], timeout)
    _remove(run, host, [seen[name] for name in names(Verb.REMOVE)])


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[first : first + _BATCH] for first in range(0, len(names), _BATCH))


def _connect(host: PmHost, name: str, timeout: float) -> ControlSocket:
    return ControlSocket(Address(str(host.paths.socket(name))), timeout)


def _start(run: Run, host: PmHost, names: Sequence[str], timeout: float) -> None:
    """Start or restart the units and wait until each engine answers; every one that does not is named."""
    result = run(["systemctl", "restart", "--", *map(unit_of, names)])
    deadline = time.monotonic() + timeout
    errors: list[str] = []
    details = {} if result.rc == 0 else result.details
    for name in names:
        try:
            _await_engine(run, host, name, deadline)
        except FlowstreamError as error:
            journal = _journal(run, name)
            errors.append(f"cannot start pm {name}: " + ("\n".join(filter(str.strip, journal)) or str(error)))
            details[f"journal of {name}"] = journal
    if errors:
        raise FlowstreamError(*errors, details=details)
    if result.rc != 0:
        raise FlowstreamError(f"cannot start the processing modules: {result.cause}", details=result.details)


def _await_engine(run: Run, host: PmHost, name: str, deadline: float) -> None:
    """Return when the engine answers on its control socket; give up at the deadline or when its unit is not active."""
    while True:
        try:
            _connect(host, name, max(deadline - time.monotonic(), _POLL_SECONDS)).close()
        except FlowstreamError:
            active = run(["systemctl", "is-active", "--quiet", unit_of(name)]).rc == 0
            if not active or time.monotonic() > deadline:
                raise
        else:
            return
        time.sleep(_POLL_SECONDS)


def _journal(run: Run, name: str) -> list[str]:
    """The last words of the unit's engine, or of all its programs when it did not come to the engine."""
    run(["journalctl", "--sync"])
    pid = run(["systemctl", "show", "--property=ExecMainPID", "--value", "--", unit_of(name)]).stdout.strip()
    source = f"_PID={pid}" if pid not in ("", "0") else f"_SYSTEMD_UNIT={unit_of(name)}"
    argv = ["journalctl", "--quiet", "--no-pager", "--output=cat", f"--lines={_JOURNAL_LINES}", source]
    return run(argv).stdout.splitlines()


def _await_ports(run: Run, pms: Sequence[WantedPm], timeout: float) -> None:
    """Wait until the bridge gave each new port the number that the plan's flows speak of."""
    deadline = time.monotonic() + timeout
    while pms:
        ports = {port.device: port.ofport for port in observe_tagged_ports(run)}
        wrong = [pm for pm in pms if ports.get(pm.device) != pm.ofport]
        if not wrong:
            return
        given = [pm for pm in wrong if ports.get(pm.device) is not None]
        if given or time.monotonic() > deadline:
            raise FlowstreamError(
                *(
                    f"cannot give {pm.device} of pm {pm.name} OpenFlow port {pm.ofport}: "
                    + (f"the bridge gave it {ports[pm.device]}" if ports.get(pm.device) else "the bridge gave it none")
                    for pm in wrong
                )
            )
        time.sleep(_POLL_SECONDS)


def _remove(run: Run, host: PmHost, pms: Sequence[SeenPm]) -> None:
    """Stop the units, take their files, and take away by name what a unit could not."""
    if not pms:
        return
    units = [pm.name for pm in pms if pm.unit is not None or pm.active or pm.enabled]
    for batch in _batches(units):
        checked(run, ["systemctl", "disable", "--now", "--", *map(unit_of, batch)], "stop the processing modules")
    for pm in pms:
        remove_file(host.paths.unit_file(pm.name), folders=0)
        for path in (host.paths.config_file(pm.name), host.paths.socket(pm.name)):
            remove_file(path, folders=2)
    if units:
        checked(run, ["systemctl", "daemon-reload"], "reload the units")
        run(["systemctl", "reset-failed", "--", *map(unit_of, units)])
    gone = {pm.name for pm in pms}
    for port in observe_tagged_ports(run):
        if port.pm in gone:
            argv = ["ovs-vsctl", "--timeout=10", "--if-exists", "del-port", port.device]
            checked(run, argv, f"remove port {port.device} of pm {port.pm}")
    for name in sorted(gone & observe_namespaces(run)):
        checked(run, ["ip", "netns", "delete", name], f"remove the namespace of pm {name}")


def differences(host: PmHost, name: str, pm: WantedPm | None, have: SeenPm) -> list[dict[str, str]]:
    """Before and after of each file of a module, and of what it runs where a file alone does not say it."""
    unit, config = (pm.unit, pm.config) if pm else ("", "")
    running = have.config or ""
    if pm and have.running_config is not None and not same_configuration(have.running_config, config):
        running = have.running_config
    unit_file, config_file = str(host.paths.unit_file(name)), str(host.paths.config_file(name))
    return [
        {"before_header": unit_file, "after_header": unit_file, "before": have.unit or "", "after": unit},
        {"before_header": config_file, "after_header": config_file, "before": running, "after": config},
    ]
