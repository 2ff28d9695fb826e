"""Plans of copies whose root files alone differ, with an outline for each module.

An outline takes what its module is given, tells it, and gives back what the module gave in the
project's own plan. A module that is now given something else is planned with that; when it then
gives back something else too, others may be touched and only a plan of the whole will do.

Many such roots are planned by one run (:func:`plans`), each as a module of a root that holds nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from redoubt import files
from redoubt.infra import calls, partial, provider, sandbox, terraform
from redoubt.infra.terraform import Terraform

SETTINGS = "terraform.tf"
# May read what the module makes of its variables; who is given something else is planned, and judges.
VALIDATION = re.compile(r"^  validation \{.*?^  \}\n", re.M | re.S)
# What only a root may declare, or what is given to it from outside.
ROOT_ONLY = re.compile(r"^(?:variable|provider|terraform|import|removed)\b.*?^\}", re.M | re.S)
Plan = dict[str, Any]
Calls = dict[str, Any]


def fits(infra: Path, pristine: Path) -> bool:
    """Say whether files of the root alone differ, and in nothing that only a root may declare."""
    names = partial.differing(infra, pristine)
    return bool(names) and all(
        "/" not in name and name.endswith(".tf") and name != SETTINGS
        and _declared(infra / name) == _declared(pristine / name)
        for name in names
    )  # fmt: skip


def _declared(path: Path) -> list[str]:
    return ROOT_ONLY.findall(path.read_text()) if path.exists() else []


def plan(infra: Path, environment: str, folder: Path, work: Path) -> Plan | None:
    """Return the plan of a copy that :func:`fits` the project planned in ``work``.

    None when it has to be planned as a whole. Raises Refused with Terraform's words when the root
    or a module cannot be planned.
    """
    return plans({"copy": infra}, environment, folder, work).get("copy")


def plans(
    copies: Mapping[str, Path], environment: str, folder: Path, work: Path
) -> dict[str, Plan]:
    """Return the plans of copies that :func:`fits`, by one run of Terraform for all their roots.

    What has to be planned otherwise is left out. Raises Refused as soon as one cannot be planned.
    """
    kept, target = partial.kept(work, environment), folder / "outlines"
    # None of them sets the provider up: that is the project's.
    known = kept["binary"] and all(call["outputs"] is not None for call in kept["calls"].values())
    laid = [tag for tag, infra in copies.items() if known and _lay_out(infra, target / tag, kept)]
    if not laid:
        return {}
    pristine = _pristine(work, environment)
    _call_each(target, laid, kept, pristine)
    with terraform.configured(sandbox.HASTE) as environ:
        tools = {tag: Terraform(target / tag, environ) for tag in laid}
        for tool in tools.values():
            calls.ask(tool)
        environ.pop("AWS_CA_BUNDLE", None)
        with provider.attached(Path(kept["binary"]), environ) as attached:
            found = Terraform(target, attached).plan("-refresh=false")
    rooted = {}
    for tag, tool in tools.items():
        own = _of(found, tag, pristine)
        told = calls.answered(tool, own)["calls"]
        if told.keys() == kept["calls"].keys() == _called(own).keys():
            rooted[tag] = told, _rooted(pristine, own)
    return _planned(rooted, copies, folder, kept)


def _pristine(work: Path, environment: str) -> Plan:
    found: Plan = json.loads((work / f"{environment}.json").read_text())
    return found


def _call_each(target: Path, tags: list[str], kept: Mapping[str, Any], pristine: Plan) -> None:
    """Write a root that calls each copy's root with the values that the project's own was given."""
    given = {
        name: calls.expression(one.get("value")) for name, one in pristine["variables"].items()
    }
    root = calls.root(kept, {}) | {
        "module": {tag: {"source": f"./{tag}", **given} for tag in tags},
        "output": {tag: {"value": f"${{module.{tag}}}", "sensitive": True} for tag in tags},
    }
    files.write_text(target / "main.tf.json", json.dumps(root))
    (target / sandbox.OVERRIDE).write_text(sandbox.NOBODY)
    entries = [{"Key": "", "Source": "", "Dir": "."}]
    for tag in tags:
        entries.append({"Key": tag, "Source": f"./{tag}", "Dir": tag})
        entries += [
            one | {"Key": f"{tag}.{one['Key']}", "Dir": f"{tag}/{one['Dir']}"}
            for one in _outlined(kept)
        ]
    files.write_text(_manifest(target), json.dumps({"Modules": entries}))


def _of(found: Plan, tag: str, pristine: Plan) -> Plan:
    """Return of such a root's plan what belongs to one copy, as if that were a root itself."""
    change = found["output_changes"][tag]
    return {
        "configuration": pristine["configuration"] | {
            "root_module": found["configuration"]["root_module"]["module_calls"][tag]["module"]
        },
        "output_changes": {
            name: {"after": value, "after_unknown": calls.inside(change["after_unknown"], name)}
            for name, value in change["after"].items()
        },
        "planned_values": {}, "resource_changes": list(_changes(found, f"module.{tag}")),
        "variables": pristine["variables"],
    }  # fmt: skip


def _changes(found: Plan, within: str) -> Iterator[dict[str, Any]]:
    """Yield what is planned in one module, by the addresses that it has where that is a root."""
    for item in found["resource_changes"]:
        place = item.get("module_address", "")
        if place != within and not place.startswith(f"{within}."):
            continue
        own = {key: value for key, value in item.items() if key != "module_address"}
        own["address"] = item["address"].removeprefix(f"{within}.")
        if below := place.removeprefix(within).removeprefix("."):
            own["module_address"] = below
        yield own


def _lay_out(infra: Path, target: Path, kept: Mapping[str, Any]) -> bool:
    """Write the root with outlines of its modules; False when one has variables in unusual places."""
    target.mkdir(parents=True)
    for path in infra.glob("*.tf"):
        if path.name != SETTINGS:
            files.write_text(target / path.name, path.read_text())
    for entry in _outlined(kept):
        text = _variables(infra / entry["Dir"])
        if text is None:
            return False
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
    files.write_text(_manifest(target), json.dumps({"Modules": [whole, *_outlined(kept)]}))
    return True


def _outlined(kept: Mapping[str, Any]) -> list[dict[str, str]]:
    return [one for one in kept["modules"] if one["Key"] in kept["calls"]]


def _manifest(target: Path) -> Path:
    return target / ".terraform" / "modules" / "modules.json"


def _variables(module: Path) -> str | None:
    text = (module / "variables.tf").read_text()
    every = "".join(path.read_text() for path in module.glob("*.tf"))
    same = sorted(calls.VARIABLE.findall(every)) == sorted(calls.VARIABLE.findall(text))
    return VALIDATION.sub("", text) if same else None


def _rooted(pristine: Plan, found: Plan) -> Plan:
    """Return the pristine plan with the root as it was found to be."""
    root = found["configuration"]["root_module"]
    inside = pristine["configuration"]["root_module"]["module_calls"]
    called = {
        name: call | {"module": inside[name]["module"]}
        for name, call in root["module_calls"].items()
    }
    root = root | {"module_calls": called}
    own = [item for item in found["resource_changes"] if "module_address" not in item]
    kept = [item for item in pristine["resource_changes"] if "module_address" in item]
    return pristine | {
        "variables": found["variables"], "resource_changes": own + kept,
        "configuration": pristine["configuration"] | {"root_module": root},
    }  # fmt: skip


def _planned(
    rooted: Mapping[str, tuple[Calls, Plan]], copies: Mapping[str, Path], folder: Path,
    kept: Mapping[str, Any],
) -> dict[str, Plan]:  # fmt: skip
    """Return the plans of copies of which the roots are known, with what their modules are given now.

    Modules that are given something else are planned anew. A copy in which one then gives back
    something else is left out.
    """
    names = {
        tag: frozenset(name for name in told if _given(told[name]) != _given(kept["calls"][name]))
        for tag, (told, _) in rooted.items()
    }
    asked = {tag: (copies[tag], some) for tag, some in names.items() if some}
    given = {tag: told for tag, (told, _) in rooted.items()}
    found = partial.together(asked, folder / "modules", kept, given) if asked else {}
    plans = {}
    for tag, some in names.items():
        plan = rooted[tag][1]
        same = {name: kept["calls"][name]["outputs"] for name in some}
        if not some or calls.returned(found, tag, some) == same:
            plans[tag] = partial.merged(plan, calls.own(found, tag, some), some) if some else plan
    return plans


def _called(plan: Plan) -> dict[str, Any]:
    called: dict[str, Any] = plan["configuration"]["root_module"].get("module_calls", {})
    return called


def _given(call: Mapping[str, Any]) -> tuple[Any, Any]:
    return call["often"], call["arguments"]
