#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: allocation_plan
short_description: Check an allocation description and compile it into a plan
version_added: "0.1.0"
description:
  - Reads an allocation description (XML or YAML), checks it together with the facts of the platform, decides where
    everything goes, and writes the plan with its flow tables and Click configurations to a folder of its own.
  - Every error is reported, not only the first, and then nothing has been written. The same input gives the same
    bytes.
  - Touches nothing but its build folder, which is scratch; it is written in check mode too, so that a whole
    deployment can be looked at with C(--check). What lay there before only serves C(--diff) and RV(changes), which
    are for people; no deployment depends on it.
  - Run it on the control node; it needs the Python modules lxml, PyYAML and Jinja2, which a control node has.
options:
  src:
    description:
      - The allocation description; its suffix (V(.xml), V(.yml), V(.yaml)) says the language.
      - Of a folder, all that are in it, in the order of their names. Each is planned beside those before it, and nothing is written
        unless all of them can be.
    type: path
  earlier:
    description:
      - Instead of O(src), a plan that was made before, such as one of a generation that M(plan_history_info) has read. Nothing of it is
        decided again, so it has to fit the platform as it is. Machines that are new since have nothing of it.
    type: dict
  platform:
    description:
      - The facts of the platform (C(switches), C(hosts) and C(ports), by name), as the filter C(flowstream_platform)
        makes them of an inventory.
    type: dict
    required: true
  account:
    description:
      - What the platform says of itself, as the filter C(flowstream_account) makes it of what M(click_process_info),
        M(click_domain_info) and M(openflow_owners) have read.
      - What runs stays where it is and keeps its numbers, others' modules count, and what another allocation has already
        is refused. Without it, the plan is made as if nothing ran.
    type: dict
  placement:
    description: How modules are dealt to hosts; docs/placement.md has what each choice does.
    type: dict
    suboptions:
      algorithm:
        description:
          - V(round_robin) deals them out in turn. V(balanced) weighs what they take against what hosts have, and says why each is where
            it is.
        type: str
        choices: [round_robin, balanced]
        default: round_robin
      hosts:
        description: Whether V(balanced) uses as many hosts as serve or as few, where both are as good.
        type: str
        choices: [spread, few]
        default: spread
      fill:
        description: The share of a host in percent below which one is as good as another; by default 0, and 80 with few hosts.
        type: int
      frame_bytes:
        description: The size of frames that makes packets of a module's rate, for what they cost a processor.
        type: int
        default: 64
      moves:
        description: How many modules that could stay where they run may be moved for a better place.
        type: int
        default: 0
  pins:
    description:
      - Hosts that somebody wants for modules that run, by the module's name. The others stay, and so does this one from then on, because what
        runs stays where it is.
      - A host that has no room, and a module whose flows cannot be carried, are errors.
    type: dict
    default: {}
  parts:
    description:
      - Parts of the packets of modules that run, which are to go to modules of their own on other hosts. They stay there from then on, as what
        runs stays where it is, and what the description says of the module holds for them too.
      - A module whose type minds where each of its packets goes has none.
    type: list
    elements: dict
    default: []
    suboptions:
      module:
        description: The name of the module.
        type: str
        required: true
      prefix:
        description: The destinations of the packets, a part of the module's, IPv4.
        type: str
        required: true
      host:
        description: Where they are to go; the host of the module, for them to come back.
        type: str
        required: true
  left:
    description:
      - Hosts that get no module, and that modules leave which run there. All allocations that have some there have to be planned together.
    type: list
    elements: str
    default: []
  lost:
    description:
      - Hosts that do not answer and are given up. What ran there is placed anew on the others, and what it knew of flows is lost; RV(findings)
        says of each module what that is.
    type: list
    elements: str
    default: []
  build_dir:
    description: Folder for plans. Each allocation gets a folder of its id in it, with the files of its plan and of no older one.
    type: path
    required: true
  template_dir:
    description: Folder with one template of a Click configuration for each allocation type (V(TYPE.click.j2)).
    type: path
    required: true
  click:
    description: Engine that checks every Click configuration of the plan (C(click --check)). Without it, none does.
    type: path
  elements:
    description: The element classes that configurations may have, where hosts have another program than O(click); none for all of its own.
    type: list
    elements: str
    default: []
  page_template_dir:
    description:
      - Folder with the template of a page (V(plan.html.j2)) that shows a plan to people, with pictures of the platform and of each
        path. It is written beside the plan. Without this, none is, and that of an older plan is removed.
      - Where graphviz is not installed, the page has no pictures, and a warning says so.
    type: path
notes:
  - Supports check mode and C(--diff). C(changed) says that the build folder is different now.
requirements:
  - lxml, PyYAML and Jinja2 for the Python that runs the module; OR-tools for better than first fit with V(balanced); for a page,
    graphviz, and its Python module
seealso:
  - module: openflow_flows
  - module: click_process
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Plan an allocation
  allocation_plan:
    src: examples/felipeiprouter/allocation.xml
    platform: "{{ groups | flowstream_platform(hostvars, platform_ports | default({})) }}"
    account: "{{ hostvars | flowstream_account(groups.flow_switches, groups.module_hosts) }}"
    build_dir: build
    template_dir: templates/click
    click: clickos/build/click
  delegate_to: localhost
  run_once: true
  register: planned

- name: Show what is new in it
  ansible.builtin.debug:
    msg: "{{ planned.changes }}"
"""

RETURN = r"""
plan:
  description: The plan, of a folder the first; C(switches) and C(hosts) name every one of the platform, also those with nothing in it.
  returned: success
  type: dict
  sample:
    schema: 1
    allocation: {id: felipeiprouter, type: fastiprouter, subtype: prefixlb}
    cookie: "0x5eed000000000001"
    switches: {sw1: {bridge: br-flow, flows: [], groups: []}}
    hosts: {mh1: {driver: process, bridge: br-pm, flows: [], pms: []}}
others:
  description: The plans of a folder's other allocations.
  returned: success
  type: list
  elements: dict
  sample: []
plan_file:
  description: Where the plan lies, of a folder the first.
  returned: success
  type: str
  sample: build/felipeiprouter/plan.json
pages:
  description: The pages that were written, one for each plan.
  returned: success
  type: list
  elements: str
  sample: [build/felipeiprouter/plan.html]
files:
  description: Where each plan lies, in the order of their descriptions.
  returned: success
  type: list
  elements: str
  sample: [build/felipeiprouter/plan.json]
changes:
  description: What is different from the plan that lay there before, in the order of its application.
  returned: success
  type: list
  elements: str
  sample: ["+ mh1: felipeiprouter-pm0 (process, 64 MiB, 1 vcpus) for 128.0.0.0/1, 4 routes"]
placement:
  description: How good the places are, a line for each allocation, with the distance from what no way of placing is better than.
  returned: success
  type: list
  elements: str
  sample:
    - "edge: 3 placed and 0 stay where they run: the fullest host that gets some is at 7 %, which is the least possible, 2 of 2 hosts in use"
moves:
  description:
    - The modules that do not stay where they run, with the handlers of what they know, C(state) of their flows and C(learned) of their
      neighbours. C(begun) are those whose packets an earlier run has led to the target already, but may not have carried everything.
  returned: success
  type: list
  elements: dict
  sample:
    - {module: nat-pm0, source: mh1, target: mh2, state: [flows.state, pings.state], learned: [arpq0.state], begun: false}
away:
  description:
    - Module hosts that do not answer and that the plan does without. Those are the ones of O(lost), and those that the switch leads nothing to
      of what is planned, where it leads anything anywhere.
  returned: success
  type: list
  elements: str
  sample: []
touched_prefixes:
  description: The destinations whose packets the changes may meet.
  returned: success
  type: list
  elements: str
  sample: [128.0.0.0/1]
findings:
  description: What the operator may have meant, but probably wants to know, as C(file:line:) messages; shown as warnings.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError, shortened
from ansible.module_utils.flowstream.planner.job import PLAN_ARGUMENTS, PlanningJob, run_planner
from ansible.module_utils.flowstream.world.run import COMMAND_SECONDS, local_run


def main() -> None:
    module = AnsibleModule(**PLAN_ARGUMENTS, supports_check_mode=True)
    try:
        result = run_planner(local_run(COMMAND_SECONDS), PlanningJob.from_arguments(module.params))
    except FlowstreamError as error:
        module.fail_json(msg="\n".join(shortened(error.messages)), **error.details)
    for finding in shortened(result["findings"]):
        module.warn(finding)
    module.exit_json(**result if module._diff else {**result, "diff": []})


if __name__ == "__main__":
    main()
