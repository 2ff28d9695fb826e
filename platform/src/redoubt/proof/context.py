"""What a piece of evidence speaks of: commit, template, answers, model, tools and who collected it."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Literal

from redoubt import __version__, admission, digests
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.proof import lock, render
from redoubt.records import Lineage, Record, Run
from redoubt.settings import Settings

TOOLS = ("pytest", "numpy", "onnxruntime", "mlflow", "scikit-learn", "cryptography", "copier")


class About(Record):
    """The thing that was judged. None means: there is none, or it cannot be told here."""

    commit: str | None
    tree: Literal["clean", "changed", "no repository"]
    template: str | None
    answers: str | None
    lock: str | None
    model: str | None
    dataset: str | None
    plan: str | None = None
    image: str | None = None


def about(settings: Settings) -> About:
    """Collect what this project is now."""
    commit, tree = _git(settings.root)
    model, dataset = _model(settings)
    answers = settings.root / render.ANSWERS
    template = None
    if answers.is_file():
        template = str(render.answers(settings.root).get("_commit", "")) or None
    return About(
        commit=commit, tree=tree, template=template, lock=locked(settings.root),
        answers=digests.digest_file(answers) if answers.is_file() else None,
        model=model, dataset=dataset,
    )  # fmt: skip


def locked(root: Path) -> str | None:
    """Return one digest of the platform's files as the lock names them."""
    found = lock.read(root)
    return digests.digest_of(found["files"]) if found else None


def _git(root: Path) -> tuple[str | None, Literal["clean", "changed", "no repository"]]:
    def git(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", *words], cwd=root, text=True, capture_output=True, check=False
        )

    try:
        head = git("rev-parse", "HEAD")
    except OSError:
        return None, "no repository"
    if head.returncode != 0:
        return None, "no repository"
    changed = git("status", "--porcelain").stdout.strip()
    return head.stdout.strip(), "changed" if changed else "clean"


def _model(settings: Settings) -> tuple[str | None, str | None]:
    """Return the digests of the promoted model and of its dataset, as far as records tell."""
    try:
        ledger = Ledger(settings)
        decision = admission.promoted(ledger)
        if decision is None:
            lineage = ledger.newest(Lineage)
            return None, lineage.dataset if lineage else None
        runs = {run.digest: run for run in ledger.all(Run)}
        used = [runs[value].dataset for value in decision.inputs.values() if value in runs]
        return decision.model, used[0] if used else None
    except RedoubtError:
        return None, None


def tools() -> dict[str, str]:
    """Return names and versions of what judged."""
    found = {"redoubt": __version__, "python": platform.python_version()}
    for name in TOOLS:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def collector() -> str:
    """Say who collected: the pipeline's own identity where there is one, else ``local``."""
    env = os.environ
    if env.get("GITHUB_RUN_ID"):
        return f"github:{env.get('GITHUB_WORKFLOW_REF', '')}#{env['GITHUB_RUN_ID']}"
    if env.get("CI_JOB_URL"):
        return f"gitlab:{env['CI_JOB_URL']}"
    return "ci" if env.get("CI") else "local"
