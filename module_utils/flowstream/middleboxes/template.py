# SPDX-License-Identifier: Apache-2.0
"""The Click configuration of a processing module from the template of its type, in which every decision is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from ansible.module_utils.flowstream.errors import FlowstreamError

Render = Callable[[str, str, Mapping[str, object]], str]
"""Of a type, the name of a module, and the variables that its type gathered."""


def renderer(templates: Path) -> Render:
    """Return the function that renders modules with the templates of that folder."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  the output is a Click configuration, and its values are numbers and checked names
    )

    def render(kind: str, module: str, variables: Mapping[str, object]) -> str:
        name = f"{kind}.click.j2"
        try:
            return environment.get_template(name).render(variables)
        except jinja2.TemplateNotFound as error:
            raise FlowstreamError(f"cannot render {module}: {templates} has no template {error.name}") from error
        except jinja2.TemplateError as error:
            raise FlowstreamError(f"cannot render {module} with {name}: {error}") from error

    return render
