"""What each module of a plan was given, and the smallest root that calls one with just that.

When a project is planned, every module also tells its variables (:func:`ask`, :func:`answered`). A
changed copy of it then needs none of the others: what they gave is written down, and what only AWS
would tell stays unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from redoubt.infra import provider
from redoubt.infra.terraform import Terraform

NAME, OUTPUT = "zz_given.tf", "zz_given"
VARIABLE = re.compile(r'^variable\s+"([\w-]+)"', re.M)
# Decoding a text that is not known yet gives a value of which not even the type is known.
UNKNOWN = "${jsondecode(terraform_data.unknown.output)}"
NOT_KNOWN = {"terraform_data": {"unknown": {"input": "unknown until it is applied"}}}
Call = dict[str, Any]


def ask(tool: Terraform) -> None:
    """Let every module of an initialised scratch copy tell what it was given, by outputs.

    They count as sensitive, because one of the variables may be.
    """
    asked = []
    for entry in _modules(tool.folder):
        folder = tool.folder / entry["Dir"]
        text = "\n".join(path.read_text() for path in sorted(folder.glob("*.tf")))
        if "." not in entry["Key"] and not re.search(r"^\s*ephemeral\s*=", text, re.M):
            names = "\n".join(f"    {name} = var.{name}" for name in VARIABLE.findall(text))
            (folder / NAME).write_text(_output(OUTPUT, f"{{\n{names}\n  }}"))
            asked.append(entry["Key"])
    outputs = (_output(f"{OUTPUT}_{key}", f"module.{key}") for key in asked)
    (tool.folder / NAME).write_text("".join(outputs))


def _output(name: str, value: str) -> str:
    return f'output "{name}" {{\n  value     = {value}\n  sensitive = true\n}}\n'


def _modules(folder: Path) -> list[dict[str, str]]:
    """Return what ``init`` wrote of the modules: their keys, sources and folders, without the root."""
    said = json.loads((folder / ".terraform" / "modules" / "modules.json").read_text())
    return [entry for entry in said["Modules"] if entry["Key"] and entry["Dir"] != "."]


def answered(tool: Terraform, plan: dict[str, Any]) -> dict[str, Any]:
    """Take the answers out of a plan; return them with what else a smaller root needs.

    A module that was called no time, or differently each time, is left out of ``calls``.
    """
    found: dict[str, Call] = {}
    for name, call in plan["configuration"]["root_module"].get("module_calls", {}).items():
        change = plan.get("output_changes", {}).get(f"{OUTPUT}_{name}")
        known = change and called(call, change["after"], change["after_unknown"])
        if known:
            outputs = given_back(call, change["after"], change["after_unknown"])
            found[name] = {"source": call["source"], **known, "outputs": outputs}
    _forget(plan)
    binary = provider.initialised(tool.folder)
    outside = binary and not binary.resolve().is_relative_to(tool.folder.resolve())
    return {
        "calls": found,
        "modules": _modules(tool.folder),
        "provider": _provider(plan),
        # One that `init` had to download goes with the scratch copy.
        "binary": str(binary.resolve()) if binary and outside else None,
    }


def _forget(plan: dict[str, Any]) -> None:
    """Take the questions and their answers out of a plan, so that it is as if nobody had asked."""
    root = plan["configuration"]["root_module"]
    for call in root.get("module_calls", {}).values():
        call["module"].get("outputs", {}).pop(OUTPUT, None)
    before = plan.get("prior_state", {}).get("values", {})
    for owner, name in (
        (plan, "output_changes"), (root, "outputs"), (plan["planned_values"], "outputs"), (before, "outputs"),
    ):  # fmt: skip
        for key in [key for key in owner.get(name, {}) if key.startswith(f"{OUTPUT}_")]:
            del owner[name][key]
        if not owner.get(name, True):
            del owner[name]
    # Outputs that are known are all that an empty state holds before.
    if not before.get("outputs") and not before.get("root_module"):
        plan.pop("prior_state", None)


def called(call: Mapping[str, Any], after: Any, after_unknown: Any) -> Call | None:
    """Return how a module is called: how ``often``, and with which ``arguments``, as expressions.

    None when it told nothing, is called no time, or differently each time.
    """
    often: Call = {}
    keys: Iterable[Any] = [None]
    if "count_expression" in call:
        keys, often = range(len(after)), {"count": len(after)}
    elif "for_each_expression" in call:
        keys, often = list(after), {"for_each": {key: {} for key in after}}
    found = []
    for key in keys:
        here, hidden = (after, after_unknown)
        if key is not None:
            here, hidden = after[key], inside(after_unknown, key)
        found.append(expression(here.get(OUTPUT), inside(hidden, OUTPUT)))
    same = found and all(one == found[0] for one in found) and isinstance(found[0], dict)
    return {"often": often, "arguments": found[0]} if same else None


def given_back(call: Mapping[str, Any], after: Any, after_unknown: Any) -> Call | None:
    """Return the outputs of a module as expressions; None when it is called more than once."""
    if "for_each_expression" in call or ("count_expression" in call and len(after) != 1):
        return None
    if "count_expression" in call:
        after, after_unknown = after[0], inside(after_unknown, 0)
    found = expression(after, after_unknown)
    return {name: value for name, value in found.items() if name != OUTPUT}


def expression(value: Any, unknown: Any = False) -> Any:
    """Return a planned value as Terraform's JSON syntax writes it, unknown parts included."""
    if unknown is True:
        return UNKNOWN
    if isinstance(value, dict) or isinstance(unknown, dict):
        keys = sorted({*(value or {}), *(unknown or {})})
        return {
            _plain(key): expression((value or {}).get(key), inside(unknown, key)) for key in keys
        }
    if isinstance(value, list):
        return [expression(item, inside(unknown, place)) for place, item in enumerate(value)]
    return _plain(value) if isinstance(value, str) else value


def inside(unknown: Any, key: Any) -> Any:
    """Return what is unknown inside a part of a value; Terraform leaves out what is known."""
    if isinstance(unknown, dict):
        return unknown.get(key, False)
    return unknown[key] if isinstance(unknown, list) and key < len(unknown) else unknown is True


def _plain(text: str) -> str:
    """Return a text that Terraform takes as it is: in JSON every text is a template."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _provider(plan: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the provider's region and default tags, or None when it is set up in another way."""
    set_up = plan["configuration"].get("provider_config", {})
    region = set_up.get("aws", {}).get("expressions", {}).get("region", {})
    tags = list(_default_tags(plan))
    others = [name for name in set_up if name != "aws" and name.rpartition(":")[2] != "terraform"]
    if others or any(one != tags[0] for one in tags):
        return None
    if region.get("references") != ["var.region"]:
        return None
    return {
        "region": _plain(plan["variables"]["region"]["value"]),
        "default_tags": {"tags": expression(tags[0] if tags else {}, False)},
    }


def _default_tags(plan: Mapping[str, Any]) -> Iterator[Any]:
    """Yield all tags of each resource that has none of its own."""
    for item in plan["resource_changes"]:
        after, unknown = item["change"]["after"] or {}, item["change"].get("after_unknown") or {}
        if after.get("tags_all") and not after.get("tags") and not unknown.get("tags_all"):
            yield after["tags_all"]


def root(
    kept: Mapping[str, Any], names: Mapping[str, Iterable[str]],
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return a root that calls modules as they were called, in Terraform's JSON syntax.

    ``names`` has the calls by the copy of the project whose modules they are for; a copy's modules
    lie in a folder that is called like it. ``given`` has the calls of copies that call otherwise.
    """
    of = given or {}
    return {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "provider": {"aws": kept["provider"]},
        "resource": NOT_KNOWN,
        "module": {
            _of(copy, name): _call(of.get(copy, kept["calls"])[name], copy)
            for copy, some in names.items()
            for name in sorted(some)
        },
        "output": {
            f"{OUTPUT}_{long}": {"value": f"${{module.{long}}}", "sensitive": True}
            for long in (_of(copy, name) for copy, some in names.items() for name in some)
        },
    }


def _of(copy: str, name: str) -> str:
    """Return what a call of the project is called in a root of several copies."""
    return f"{name}__{copy}"


def _call(call: Mapping[str, Any], copy: str) -> Call:
    return {"source": _source(call["source"], copy), **call["often"], **call["arguments"]}


def _source(source: str, copy: str) -> str:
    return f"./{copy}/{source.removeprefix('./')}"


def manifest(kept: Mapping[str, Any], names: Mapping[str, Iterable[str]]) -> dict[str, Any]:
    """Return what ``init`` would write of the modules of such a root."""
    used = [{"Key": "", "Source": "", "Dir": "."}]
    for copy, some in names.items():
        for one in kept["modules"]:
            name, dot, below = one["Key"].partition(".")
            if name in some:
                # One that is called by another module is found from there.
                source = one["Source"] if below else _source(one["Source"], copy)
                used.append(
                    {
                        "Key": _of(copy, name) + dot + below,
                        "Source": source,
                        "Dir": f"{copy}/{one['Dir']}",
                    }
                )
    return {"Modules": used}


def own(plan: Mapping[str, Any], copy: str, names: Iterable[str]) -> dict[str, Any]:
    """Return of the plan of such a root what belongs to one copy, called as in the project."""
    known = {_of(copy, name): name for name in names}
    changes = []
    for item in plan["resource_changes"]:
        call = re.match(r"module\.([\w-]+)", item.get("module_address", ""))
        if call and call[1] in known:
            name = known[call[1]]
            here = {
                key: f"module.{name}{item[key][call.end() :]}"
                for key in ("address", "module_address")
            }
            changes.append(item | here)
    calls = plan["configuration"]["root_module"]["module_calls"]
    called = {name: calls[long] for long, name in known.items()}
    return {
        "resource_changes": changes,
        "configuration": {"root_module": {"module_calls": called}},
    }


def returned(plan: Mapping[str, Any], copy: str, names: Iterable[str]) -> dict[str, Call | None]:
    """Return what modules of one copy give back in the plan of such a root, as expressions."""
    found = {}
    for name in names:
        call = plan["configuration"]["root_module"]["module_calls"][_of(copy, name)]
        change = plan["output_changes"].get(f"{OUTPUT}_{_of(copy, name)}")
        found[name] = change and given_back(call, change["after"], change["after_unknown"])
    return found
