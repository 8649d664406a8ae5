# SPDX-License-Identifier: Apache-2.0
"""The Click configuration of a processing module from the template of its type, in which every decision is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from ansible.module_utils.flowstream.errors import FlowstreamError
from ansible.module_utils.flowstream.templates import environment_of

Render = Callable[[str, str, Mapping[str, object]], str]
"""Of a type, the name of a module, and the variables that its type gathered."""


MAX_BYTES = 1 << 20
"""Of an operator's own configuration."""


def renderer(templates: Path, beside: Path | None = None) -> Render:
    """Return the function that renders modules with the templates of that folder.

    Files of the operator that a template asks for are named as seen from the folder `beside`, the allocation's.
    """
    # Not escaped: the output is a Click configuration, and its values are numbers and checked names.
    environment = environment_of(templates, escapes=False)
    environment.globals["text_of"] = lambda name: _text_of(beside, name)

    def render(kind: str, module: str, variables: Mapping[str, object]) -> str:
        name = f"{kind}.click.j2"
        try:
            return environment.get_template(name).render(variables)
        except jinja2.TemplateNotFound as error:
            raise FlowstreamError(f"cannot render {module}: {templates} has no template {error.name}") from error
        except jinja2.TemplateError as error:
            raise FlowstreamError(f"cannot render {module} with {name}: {error}") from error

    return render


def _text_of(beside: Path | None, name: str) -> str:
    """The text of an operator's file, which lies in the folder or below it."""
    if beside is None:
        raise FlowstreamError(f"cannot read {name}: the allocation has no folder that it could be in")
    path = beside / name
    try:
        if not path.resolve(strict=True).is_relative_to(beside.resolve()):
            raise FlowstreamError(f"cannot read {path}: it leads out of the allocation's folder; put a file there")
        if path.stat().st_size > MAX_BYTES:
            raise FlowstreamError(f"cannot read {path}: it has {path.stat().st_size} bytes; keep it below {MAX_BYTES}")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise FlowstreamError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FlowstreamError(f"cannot read {path}: byte {error.start} is not UTF-8; save it as UTF-8") from error
