"""The fact ``reviewed``: what holds whatever the access matrix says, and what the policies answer to it.

The matrix and the policies are made from one file, so a row that is wrong in it is wrong in both. These
rows stand here, with security: a change of duties needs both.
"""

from collections.abc import Iterator
from typing import Any

from redoubt.infra.policies import estate, matrix
from redoubt.proof import fact

# Role, action, class of resource: where it may, and where it may not.
FIXED = (
    ("trainer", "s3:GetObject", "objects", "trusted", "raw protected"),
    ("trainer", "s3:PutObject", "objects", "artefacts/candidates", "artefacts/evidence artefacts/approvals artefacts/released"),
    ("serving", "s3:GetObject", "objects", "artefacts/released", "raw trusted protected artefacts/candidates"),
    ("serving", "s3:PutObject", "objects", "artefacts/decisions", "artefacts/released artefacts/approvals"),
    ("validator", "s3:PutObject", "objects", "artefacts/evidence", "artefacts/approvals artefacts/released"),
    ("approver", "s3:PutObject", "objects", "artefacts/approvals", "artefacts/candidates artefacts/evidence artefacts/released"),
    ("deployer", "s3:PutObject", "objects", "artefacts/released", "artefacts/candidates artefacts/approvals"),
    ("deployer", "s3:GetObject", "objects", "artefacts/released", "raw trusted protected"),
    ("data-steward", "s3:GetObject", "objects", "raw", "audit artefacts/released"),
    ("auditor", "s3:GetObject", "objects", "audit", "raw trusted protected"),
)  # fmt: skip
# Who alone may push images into the registry that production runs, exchange what runs, withdraw a key.
ALONE = (
    ("ecr:PutImage", "repositories", "serving", {"deployer"}),
    ("ecs:UpdateService", "services", "serving", {"break-glass", "deployer"}),
    ("kms:ScheduleKeyDeletion", "keys", "artefacts", {"key-administrator"}),
)


class Reviewed:
    """Two views of the rows: ``wrong`` answers, and ``others`` who may what only some should."""

    def __init__(self, policies: dict[str, Any], table: dict[str, Any]) -> None:
        self._found, self._roles = estate.read(policies), list(table["roles"])

    def _answer(self, role: str, action: str, kind: str, name: str) -> str:
        cell = matrix.Cell(role, action, kind, name, "", may=True, written=True)
        (only,) = {matrix.judge(self._found, cell, arn).answer for arn in matrix.arns(self._found, cell)}  # fmt: skip
        return only

    def wrong(self) -> Iterator[str]:
        """Yield each row that is answered otherwise, on either side."""
        for role, action, kind, where, elsewhere in FIXED:
            for name, wanted in [(where, "allow"), *((name, "deny") for name in elsewhere.split())]:
                answer = self._answer(role, action, kind, name)
                if answer != wanted:
                    yield f"{role}: {action} on {name} is {answer}, not {wanted}"

    def others(self) -> Iterator[str]:
        """Yield each action that more roles may, or fewer, than those who alone should."""
        for action, kind, name, alone in ALONE:
            may = {role for role in self._roles if self._answer(role, action, kind, name) != "deny"}
            if may != alone:
                yield f"{action} on {name}: {sorted(may)}, not {sorted(alone)}"


@fact(reads=["platform/src/redoubt/infra/**"])
def reviewed(policies: dict[str, Any], access: dict[str, Any]) -> Reviewed:
    return Reviewed(policies, access)
