"""Provenance of a bundle: a signed in-toto statement (SLSA v1) of how it came to be.

SLSA Build L2 and L3 need a hosted builder, so nothing here claims them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from redoubt import bundle, digests, files
from redoubt.bundle import Bundle
from redoubt.errors import Refused
from redoubt.project import Project
from redoubt.records import Run
from redoubt.settings import Settings
from redoubt.signing import IN_TOTO

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
# control: SUP-04
LEVEL = "SLSA Build L1: a key on this machine and a statement about oneself"
BUILD = "https://redoubt.invalid/build/train/v1"
REMEDY = "register the bundle from the commit, data and builder that really made it"


def statement(settings: Settings, project: Project, model: Bundle) -> dict[str, Any]:
    """Return the statement that is true of this bundle when it is built here."""
    run = model.run
    return {
        "_type": STATEMENT,
        "subject": _named(subjects(model)),
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {
                    "project": run.project,
                    "seed": run.seed,
                    "source": {"repository": project.repository, "commit": run.code.commit},
                },
                "resolvedDependencies": _named(materials(run)),
            },
            "runDetails": {
                "builder": {"id": settings.builder},
                "metadata": {"invocationId": run.run_id, "finishedOn": run.at.isoformat()},
            },
        },
    }


def _named(values: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": name, "digest": {"sha256": value.removeprefix("sha256:")}}
        for name, value in sorted(values.items())
    ]


def subjects(model: Bundle) -> dict[str, str]:
    """Return every file of a bundle with its digest, the manifest included."""
    return {**model.manifest.files, bundle.MANIFEST: model.digest}


# control: SUP-04
def materials(run: Run) -> dict[str, str]:
    """Return what a run was made from: data, code tree, environment, parameters."""
    return {
        "dataset": run.dataset,
        "lineage": run.lineage,
        "splits": run.splits,
        "source-tree": run.code.tree,
        "environment": run.environment.digest,
        "parameters": digests.digest_of(run.parameters),
    }


def write(settings: Settings, project: Project, model: Bundle, path: Path) -> None:
    """Sign the statement with the bundle key and write the envelope."""
    payload = digests.canonical(statement(settings, project, model))
    envelope = settings.signer("bundle").sign(payload, IN_TOTO)
    files.write_text(path, json.dumps(envelope, indent=1) + "\n")


# control: SUP-04
def verify(settings: Settings, project: Project, model: Bundle, path: Path) -> dict[str, Any]:
    """Return the statement when policy accepts it.

    The policy: a trusted bundle key, exactly these subject files, this builder, this source
    repository and commit, and exactly the materials that the run record names. Raises Refused.
    """
    try:
        envelope = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused("The bundle has no readable provenance.", remedy=REMEDY) from error
    payload = settings.trust.verify(envelope, "bundle", IN_TOTO)
    try:
        said = dict(json.loads(payload))
        found = _facts(said)
    except (ValueError, KeyError, TypeError) as error:
        raise Refused("The provenance is no SLSA v1 statement.", remedy=REMEDY) from error
    wanted = _facts(statement(settings, project, model))
    for name, value in wanted.items():
        if found[name] != value:
            raise Refused(
                f"Provenance: {name} is {_show(found[name])}, required is {_show(value)}.",
                remedy=REMEDY,
            )
    return said


def _facts(said: dict[str, Any]) -> dict[str, Any]:
    """Return what the policy compares. Raises KeyError or TypeError when a part is missing."""
    definition = said["predicate"]["buildDefinition"]
    source = definition["externalParameters"]["source"]
    return {
        "statement type": (said["_type"], said["predicateType"], definition["buildType"]),
        "builder": said["predicate"]["runDetails"]["builder"]["id"],
        "source repository": source["repository"],
        "source commit": source["commit"],
        "subject": sorted((item["name"], item["digest"]["sha256"]) for item in said["subject"]),
        "material": sorted(
            (item["name"], item["digest"]["sha256"]) for item in definition["resolvedDependencies"]
        ),
    }


def _show(value: Any) -> str:
    return str(value) if isinstance(value, str) or value is None else "another set"
