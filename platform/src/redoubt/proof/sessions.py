"""One command each: run the machinery, keep the evidence, draw the page, say the exit code."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from redoubt import files, project
from redoubt.proof import evidence, page, proofs, prove, results, rooms, verify, waivers
from redoubt.proof.evidence import Occasion
from redoubt.proof.results import Report
from redoubt.settings import Settings

Say = Callable[[str], None]


def verified(
    settings: Settings, only: Sequence[str], say: Say, *, verb: str = "verify", deep: bool = False,
    strict: bool = False,
) -> tuple[Report, int, Occasion]:  # fmt: skip
    """Verify a project and keep the evidence; return the report, the exit code and the run."""
    model = verb == "evidence"
    flags = [flag for flag, on in (("--strict", strict and not model), ("--deep", deep)) if on]
    occasion = Occasion.begin(settings, verb, [*flags, *only])
    report, verdicts = verify.verify(settings, occasion.logs, only, deep=deep, say=say)
    subjects = results.STRICT_MODEL if model else results.STRICT
    code = report.exit_code(strict=strict or model, subjects=subjects)
    facts = project.load(settings.root)
    files.write_text(
        occasion.folder / evidence.PAGE, page.render(report, facts, occasion, verdicts)
    )
    plan = waivers.plan_of_action(report.judged, verdicts)
    files.write_text(occasion.folder / evidence.OPEN, json.dumps(plan, indent=1) + "\n")
    _close(occasion, evidence.of_report(occasion, report, code), report.counts(), settings)
    return report, code, occasion


def proven(
    settings: Settings, only: Sequence[str], say: Say, *, template: Path | None, record: Path | None
) -> tuple[list[prove.Proof], int, Occasion]:
    """Prove rooms both ways and keep the evidence and, when asked, the release's ``proof.json``."""
    root = settings.root.resolve()
    occasion = Occasion.begin(settings, "prove", list(only))
    chosen = rooms.read(root, tuple(only))
    found = prove.prove(root, chosen, occasion.logs, template=template, say=say)
    code = 1 if any(True for proof in found for _ in proof.failures()) else 0
    counts = {
        "rooms": len(found),
        "sabotages": sum(len(proof.breaks) for proof in found),
        "not-proven": sum(any(proof.failures()) for proof in found),
        "not-reproduced": sum(bool(item.skipped) for proof in found for item in proof.breaks),
    }
    _close(occasion, evidence.of_proofs(occasion, found, code), counts, settings)
    proofs.record(found, record or root / proofs.LOCAL, root)
    return found, code, occasion


def _close(
    occasion: Occasion, found: list[evidence.Evidence], counts: dict[str, int], settings: Settings
) -> None:
    controls = [room.id for room in rooms.read(settings.root)]
    evidence.close(occasion, found, counts, controls)
    _latest(occasion.folder)


def _latest(folder: Path) -> None:
    """Let ``latest`` point to the newest run, in one step."""
    link = folder.parent / ".latest.new"
    link.unlink(missing_ok=True)
    link.symlink_to(folder.name)
    os.replace(link, folder.parent / "latest")
