"""How the secrets store of a plan is set up: what OpenBao reads on each of its nodes."""

from __future__ import annotations

import base64
import json
from typing import Any

import yaml

from redoubt.infra.reading import Plan

CONFIGURATION = "/etc/openbao/config.json"


def nodes(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return OpenBao's configuration by the address of its machine; empty where none is given."""
    return {
        item.address: _configuration(item.values.get("user_data_base64") or "")
        for item in plan.of("aws_instance")
    }


def _configuration(user_data: str) -> dict[str, Any]:
    files = (yaml.safe_load(base64.b64decode(user_data)) or {}).get("write_files", [])
    text = next((one["content"] for one in files if one["path"] == CONFIGURATION), "{}")
    found: dict[str, Any] = json.loads(text)
    return found


def listeners(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the settings of each address that a node listens at."""
    return [one[kind] for one in node.get("listener", []) for kind in one]


def peers(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return how a node joins each of its peers."""
    rafts = [one["raft"] for one in node.get("storage", []) if "raft" in one]
    return [peer for raft in rafts for peer in raft.get("retry_join", [])]
