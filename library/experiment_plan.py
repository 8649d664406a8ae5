#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: experiment_plan
short_description: Say which measurements of an experiment are still to be made, and write the allocations for them
version_added: "0.1.0"
description:
  - Reads the description of an experiment, checks it, and combines the sides of its matrix. What has a result already is not to be
    measured again, unless the description has changed in what decides about it.
  - Writes an allocation for each deployment that is needed. It is scratch, and is written in check mode too.
  - Run it on the control node.
extends_documentation_fragment: experiment
requirements:
  - PyYAML and Jinja2 for the Python that runs the module
notes:
  - Supports check mode.
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Know what is to be measured
  experiment_plan:
    src: experiments/router.yml
    folder: build/experiments/router
    template_dir: templates/experiment
    drivers: {mh1: process, mh2: process}
    endpoints: "{{ hostvars | flowstream_endpoints(groups.endpoints) }}"
  register: planned

- name: Show it
  ansible.builtin.debug:
    msg: "{{ planned.lines }}"
"""

RETURN = r"""
id:
  description: The name of the experiment, and of the allocations that it deploys.
  returned: success
  type: str
  sample: router
folder:
  description: Where its files lie.
  returned: success
  type: str
  sample: build/experiments/router
setups:
  description: The deployments that are still needed, each with the variables of playbook measure.yml.
  returned: success
  type: list
  elements: dict
  sample:
    - name: fastiprouter, 2 modules (process) on 2 computers (process)
      seconds: 60
      variables: {allocation: build/experiments/router/fastiprouter-2xprocess-2xprocess.yml}
lines:
  description: What is to be done and how long it takes, for people.
  returned: success
  type: list
  elements: str
  sample: ["router: 12 measurements, 4 are there already, 8 to do on 2 deployments, about 3 min"]
left_out:
  description: What the platform or the matrix cannot have, with the reason.
  returned: success
  type: list
  elements: str
  sample: ["fastiprouter, 1 module (process) on 2 computers (process): each computer needs a module"]
seconds:
  description: About how long all of it takes.
  returned: success
  type: int
  sample: 180
"""

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError, shortened
from ansible.module_utils.flowstream.experiments.job import ARGUMENTS, ExperimentJob, plan_experiment


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
    )
    try:
        result = plan_experiment(ExperimentJob.of(module.params))
    except FlowstreamError as error:
        module.fail_json(msg="\n".join(shortened(error.messages)), **error.details)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
