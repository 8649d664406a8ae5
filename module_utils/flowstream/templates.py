# SPDX-License-Identifier: Apache-2.0
"""Texts from the templates of a folder, with Jinja2 set up the same way for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import jinja2
from ansible.module_utils.flowstream.errors import FlowstreamError


def filled_in(
    folder: Path,
    name: str,
    variables: Mapping[str, object],
    intent: str,
    filters: Mapping[str, Callable[..., object]] | None = None,
) -> str:
    """Return a template with its variables; FlowstreamError "cannot `intent`: cause". What `NAME.html.j2` is given is escaped."""
    environment = environment_of(folder, escapes=name.endswith(".html.j2"))
    environment.filters.update(filters or {})
    try:
        return environment.get_template(name).render(variables)
    except jinja2.TemplateNotFound as error:
        raise FlowstreamError(f"cannot {intent}: {folder} has no template {error.name}") from error
    except jinja2.TemplateError as error:
        raise FlowstreamError(f"cannot {intent} with {name}: {error}") from error


def environment_of(folder: Path, escapes: bool) -> jinja2.Environment:
    """What knows the templates of a folder. A variable that is not there is an error."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escapes,  # noqa: S701  what is no page is a configuration or an allocation, whose values are checked
    )
