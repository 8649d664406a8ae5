#!/usr/bin/python
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

DOCUMENTATION = r"""
module: experiment_report
short_description: Write table, plots and page of what an experiment has measured
version_added: "0.1.0"
description:
  - Of all measurements of the experiment that there are, writes C(results.csv), each plot as SVG and PNG, and C(report.html), which
    has all of them. Results that the description has no more are left out, and kept.
  - Run it on the control node.
extends_documentation_fragment: experiment
options:
  page_template_dir:
    description: Folder with the template of the page (V(experiment.html.j2)).
    type: path
    required: true
requirements:
  - PyYAML, Jinja2 and matplotlib for the Python that runs the module
notes:
  - In check mode nothing is written.
author:
  - Flowstream
"""

EXAMPLES = r"""
- name: Show what was measured
  experiment_report:
    src: experiments/router.yml
    folder: build/experiments/router
    template_dir: templates/experiment
    page_template_dir: templates/page
    drivers: {mh1: process, mh2: process}
    endpoints: "{{ hostvars | flowstream_endpoints(groups.endpoints) }}"
"""

RETURN = r"""
files:
  description: What was written.
  returned: success
  type: list
  elements: str
  sample: [build/experiments/router/results.csv, build/experiments/router/report.html]
rows:
  description: How many measurements are in it.
  returned: success
  type: int
  sample: 12
missing:
  description: How many are still to be made.
  returned: success
  type: int
  sample: 0
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.flowstream.errors import FlowstreamError, shortened
from ansible.module_utils.flowstream.experiments.job import ARGUMENTS, ExperimentJob, report_experiment


def main() -> None:
    module = AnsibleModule(
        argument_spec={**ARGUMENTS, "page_template_dir": {"type": "path", "required": True}},
        supports_check_mode=True,
    )
    try:
        job = ExperimentJob.of(module.params)
        result = report_experiment(job, Path(module.params["page_template_dir"]), write=not module.check_mode)
    except FlowstreamError as error:
        module.fail_json(msg="\n".join(shortened(error.messages)), **error.details)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
