"""A plan of a copy whose root files alone differ, with an outline for each module.

An outline takes what its module is given, tells it, and gives back what the module gave in the
project's own plan. A module that is now given something else is planned with that; when it then
gives back something else too, others may be touched and only a plan of the whole will do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.infra import calls, partial, provider, sandbox, terraform
from redoubt.infra.terraform import Terraform

SETTINGS = "terraform.tf"
# May read what the module makes of its variables; who is given something else is planned, and judges.
VALIDATION = re.compile(r"^  validation \{.*?^  \}\n", re.M | re.S)
BACKEND = re.compile(r'^  backend "s3" \{.*?^  \}\n', re.M | re.S)
# Shows the provider's default tags, whatever the root holds.
PROBE = "aws_sns_topic.zz_probe"
PROBED = 'resource "aws_sns_topic" "zz_probe" {\n  name = "zz"\n}\n'
Plan = dict[str, Any]


def fits(infra: Path, pristine: Path) -> bool:
    """Say whether files of the root alone differ, and none that sets up Terraform and the provider."""
    names = partial.differing(infra, pristine)
    return bool(names) and all(
        "/" not in name and name.endswith(".tf") and name != SETTINGS for name in names
    )


def plan(infra: Path, environment: str, folder: Path, work: Path) -> Plan | None:
    """Return the plan of a copy that :func:`fits` the project planned in ``work``.

    None when it has to be planned as a whole. Raises Refused with Terraform's words when the root
    or a module cannot be planned.
    """
    kept = partial.kept(work, environment)
    if not kept["binary"] or any(call["outputs"] is None for call in kept["calls"].values()):
        return None
    target = _lay_out(infra, folder / "outline", kept)
    if target is None:
        return None
    told, found = _asked(target, environment, kept)
    called = found["configuration"]["root_module"].get("module_calls", {})
    if not (called.keys() == told["calls"].keys() == kept["calls"].keys()):
        return None
    if told["provider"] != kept["provider"]:
        return None
    pristine = json.loads((work / f"{environment}.json").read_text())
    names = frozenset(name for name in called if _given(told, name) != _given(kept, name))
    rooted = _rooted(pristine, found)
    return _planned(rooted, infra, folder, kept | {"calls": told["calls"]}, names)


def _given(kept: Mapping[str, Any], name: str) -> tuple[Any, Any]:
    return kept["calls"][name]["often"], kept["calls"][name]["arguments"]


def _lay_out(infra: Path, target: Path, kept: Mapping[str, Any]) -> Path | None:
    """Write the root with outlines of its modules; None when one has variables in unusual places."""
    target.mkdir(parents=True)
    for path in [*infra.glob("*.tf"), *infra.glob("*.tfvars.json"), *infra.glob("environments/*")]:
        files.write_text(target / path.relative_to(infra), path.read_text())
    (target / SETTINGS).write_text(BACKEND.sub("", (target / SETTINGS).read_text()))
    (target / sandbox.OVERRIDE).write_text(sandbox.NOBODY)
    (target / "zz_probe.tf").write_text(PROBED)
    entries = [one for one in kept["modules"] if one["Key"] in kept["calls"]]
    for entry in entries:
        text = _variables(infra / entry["Dir"])
        if text is None:
            return None
        files.write_text(target / entry["Dir"] / "variables.tf", text)
        outputs = {
            name: {"value": value, "sensitive": True}
            for name, value in kept["calls"][entry["Key"]]["outputs"].items()
        }
        files.write_text(
            target / entry["Dir"] / "main.tf.json",
            json.dumps({"output": outputs, "resource": calls.NOT_KNOWN}),
        )
    whole = {"Key": "", "Source": "", "Dir": "."}
    place = target / ".terraform" / "modules" / "modules.json"
    files.write_text(place, json.dumps({"Modules": [whole, *entries]}))
    return target


def _variables(module: Path) -> str | None:
    text = (module / "variables.tf").read_text()
    every = "".join(path.read_text() for path in module.glob("*.tf"))
    same = sorted(calls.VARIABLE.findall(every)) == sorted(calls.VARIABLE.findall(text))
    return VALIDATION.sub("", text) if same else None


def _asked(target: Path, environment: str, kept: Mapping[str, Any]) -> tuple[Plan, Plan]:
    """Return what the modules were given, and the plan of the root."""
    with terraform.configured(sandbox.HASTE) as environ:
        calls.ask(Terraform(target, environ))
        environ.pop("AWS_CA_BUNDLE", None)
        with provider.attached(Path(kept["binary"]), environ) as attached:
            tool = Terraform(target, attached)
            found = tool.plan("-refresh=false", sandbox.variables(environment))
            return calls.answered(tool, found), found


def _rooted(pristine: Plan, found: Plan) -> Plan:
    """Return the pristine plan with the root as it was found to be."""
    root = found["configuration"]["root_module"]
    inside = pristine["configuration"]["root_module"]["module_calls"]
    called = {
        name: call | {"module": inside[name]["module"]}
        for name, call in root["module_calls"].items()
    }
    resources = [item for item in root.get("resources", []) if item["address"] != PROBE]
    root = {key: value for key, value in root.items() if key != "resources"}
    root |= {"module_calls": called} | ({"resources": resources} if resources else {})
    own = [
        item for item in found["resource_changes"]
        if "module_address" not in item and item["address"] != PROBE
    ]  # fmt: skip
    kept = [item for item in pristine["resource_changes"] if "module_address" in item]
    return pristine | {
        "variables": found["variables"], "resource_changes": own + kept,
        "configuration": pristine["configuration"] | {"root_module": root},
    }  # fmt: skip


def _planned(
    rooted: Plan, infra: Path, folder: Path, kept: Mapping[str, Any], names: frozenset[str]
) -> Plan | None:
    """Return the plan with these modules planned anew, or None when one gives back something else."""
    if not names:
        return rooted
    found = partial.together({"copy": (infra, names)}, folder / "modules", kept)
    if calls.returned(found, "copy", names) != {
        name: kept["calls"][name]["outputs"] for name in names
    }:
        return None
    return partial.merged(rooted, calls.own(found, "copy", names), names)
