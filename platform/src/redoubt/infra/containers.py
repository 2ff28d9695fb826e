"""The containers of a plan: what each task definition says about how its containers run."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redoubt.infra.reading import Plan, Resource, texts

Container = Mapping[str, Any]
# A key, a signed token, a login within a URL, or the key of a service, in whatever field.
HOLDS_ONE = re.compile(
    r"-----BEGIN|\beyJ[\w-]{5,}|://[^/\s]*:[^/\s]*@|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\b(hvs|glpat|ghp|gho)[._-]\w{8,}"
)


@dataclass(frozen=True)
class Task:
    """One task definition: its resource, and its containers by name."""

    resource: Resource
    containers: Mapping[str, Container]

    def shared(self) -> dict[str, Any]:
        """Return what the task shares with its machine or with others; nothing when it is alone."""
        values = self.resource.values
        names = {name: values[name] for name in ("ipc_mode", "pid_mode") if values[name]}
        if values["requires_compatibilities"] != ["FARGATE"]:
            names["requires_compatibilities"] = values["requires_compatibilities"]
        lent = {
            volume["name"]: [key for key, value in volume.items() if value and key != "name"]
            for volume in values["volume"]
        }
        return names | {name: keys for name, keys in lent.items() if keys}

    def writable(self) -> set[str]:
        """Return the folders that its containers may write to, and whose folders they take over."""
        return {
            path for item in self.containers.values() for path in (
                *(one["containerPath"] for one in item["mountPoints"] if not one["readOnly"]),
                *(one["containerPath"] for one in (item.get("linuxParameters") or {}).get("tmpfs") or []),
                *(f"all of {one['sourceContainer']}" for one in item.get("volumesFrom") or []),
            )
        }  # fmt: skip

    def secret(self) -> list[str]:
        """Return the containers that are given what is, or may hold, a secret in so many words."""
        return [name for name, one in self.containers.items()
                if one.get("environmentFiles") or any(HOLDS_ONE.search(text) for text in texts(one))]  # fmt: skip


def task(plan: Plan, workload: str) -> Task:
    """Return the task of ``serving`` or ``training``: the one whose family ends with the word.

    Raises ValueError when there is none or several, or when the plan does not know its containers.
    """
    (found,) = (
        item for item in plan.of("aws_ecs_task_definition")
        if item.values["family"].endswith(f"-{workload}")
    )  # fmt: skip
    text = found.values.get("container_definitions")
    if not text:
        raise ValueError(f"the plan does not know the containers of {found.address}")
    return Task(found, {item["name"]: item for item in json.loads(text)})


def loose(container: Container) -> list[str]:
    """Return which hardenings a container lacks: user, root, capabilities, privilege, kernel."""
    caps = (container.get("linuxParameters") or {}).get("capabilities") or {}
    user = str(container.get("user") or "").split(":")
    kept = {
        "a user and a group that are numbers and not root": len(user) == 2
        and all(part.isdigit() and int(part) for part in user),
        "a read-only root": container.get("readonlyRootFilesystem") is True,
        "no capability": caps.get("drop") == ["ALL"] and not caps.get("add"),
        "no privilege": not container.get("privileged")
        and not container.get("dockerSecurityOptions"),
        "no setting of the kernel": not container.get("systemControls"),
        "no device": not (container.get("linuxParameters") or {}).get("devices"),
    }
    return [name for name, given in kept.items() if not given]


def limits(container: Container) -> dict[str, Any]:
    """Return the hard limits: ``cpu`` in units, ``memory`` in MiB, and each ulimit by name."""
    most = {item["name"]: item["hardLimit"] for item in container.get("ulimits") or []}
    return {"cpu": container.get("cpu"), "memory": container.get("memory")} | most
