# SPDX-License-Identifier: Apache-2.0
"""What ansible-doc says of a module is what the module takes; its examples are tasks that it would accept."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import ansible.module_utils.basic
import pytest
import yaml
from ansible.plugins.loader import fragment_loader
from ansible.utils.plugin_docs import get_docstring

from .conftest import ROOT

MODULES = sorted((ROOT / "library").glob("*.py"))
ABOUT_VALUES = ("type", "elements", "choices", "required", "default")


class SpecSeenError(Exception):
    """Carries what a module gave to AnsibleModule, which is as far as it gets."""


@pytest.fixture(params=MODULES, ids=[path.stem for path in MODULES])
def module(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], dict[str, Any]]:
    """A module's globals with its documentation as ansible-doc has it, and what its main gives to AnsibleModule."""

    def refuse(**arguments: Any) -> None:
        raise SpecSeenError(arguments)

    path: Path = request.param
    monkeypatch.setattr(ansible.module_utils.basic, "AnsibleModule", refuse)
    names = runpy.run_path(str(path))
    names["documentation"] = get_docstring(str(path), fragment_loader, plugin_type="module")[0]
    with pytest.raises(SpecSeenError) as seen:
        names["main"]()
    return names, seen.value.args[0]


def described(options: dict[str, Any]) -> dict[str, Any]:
    """The part of documented or specified options that both sides have to say alike."""
    plain: dict[str, Any] = {}
    for name, option in options.items():
        plain[name] = {key: option[key] for key in ABOUT_VALUES if option.get(key) not in (None, False)}
        plain[name].setdefault("type", "str")
        nested = option.get("options", option.get("suboptions"))
        if nested:
            plain[name]["options"] = described(nested)
    return plain


def test_the_documented_options_are_those_of_the_argument_spec(
    module: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    names, arguments = module
    assert described(names["documentation"]["options"]) == described(arguments["argument_spec"])
    assert arguments["supports_check_mode"] is True


def test_every_option_is_described(module: tuple[dict[str, Any], dict[str, Any]]) -> None:
    def undescribed(options: dict[str, Any]) -> list[str]:
        nested = [name for option in options.values() for name in undescribed(option.get("suboptions", {}))]
        return [name for name, option in options.items() if not option.get("description")] + nested

    assert undescribed(module[0]["documentation"]["options"]) == []


def test_the_examples_use_options_that_exist_and_give_those_that_must_be(
    module: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    names, arguments = module
    own = names["documentation"]["module"]
    spec = arguments["argument_spec"]
    used = [task[own] for task in yaml.safe_load(names["EXAMPLES"]) if own in task]
    assert used
    for options in used:
        assert set(options) <= set(spec)
        assert {name for name, option in spec.items() if option.get("required")} <= set(options)


def test_every_returned_key_has_a_description_a_type_and_a_sample(
    module: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    returned = yaml.safe_load(module[0]["RETURN"])
    incomplete = [
        name for name, key in returned.items() if not {"description", "type", "returned", "sample"} <= set(key)
    ]
    assert incomplete == []
