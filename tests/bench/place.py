"""Where is measured: a project rendered from this checkout, with a model promoted by its demo."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from redoubt.infra import terraform
from redoubt.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
HOME = REPOSITORY / "var" / "bench"
REDOUBT = "import sys; sys.argv[0] = 'redoubt'; from redoubt.cli import main; main()"


@dataclass(frozen=True)
class Place:
    """A project folder and how its commands are run: this environment, the project's own code."""

    root: Path

    @property
    def settings(self) -> Settings:
        """Return the project's settings."""
        return Settings(root=self.root)

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the project's commands."""
        paths = os.pathsep.join([str(self.root / "platform" / "src"), str(self.root / "src")])
        kept = (terraform.MIRROR,)
        clean = {k: v for k, v in os.environ.items() if k in kept or not k.startswith("REDOUBT_")}
        return clean | {
            "PYTHONPATH": paths, "REDOUBT_ROOT": str(self.root), "OMP_NUM_THREADS": "1",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }  # fmt: skip

    def redoubt(self, *words: str) -> float:
        """Run a verb in the project; return its seconds. Raises SystemExit when it is not done."""
        return timed([sys.executable, "-c", REDOUBT, *words], self.root, self.environment)

    def judged(self, *words: str) -> tuple[float, bool, str]:
        """Run a verb that judges; return its seconds, whether all was green, and what it said."""
        command = [sys.executable, "-c", REDOUBT, *words]
        seconds, code, said = ran(command, self.root, self.environment, (0, 1))
        return seconds, code == 0, said


def timed(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> float:
    """Run a command and return its wall-clock seconds. Raises SystemExit when it fails."""
    return ran(command, folder, environment, (0,))[0]


def ran(
    command: list[str], folder: Path, environment: dict[str, str] | None, allowed: tuple[int, ...]
) -> tuple[float, int, str]:
    """Run a command; return seconds, exit code and output. Raises SystemExit, showing it, on another code."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    seconds = time.perf_counter() - start
    if done.returncode not in allowed:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds, done.returncode, done.stdout + done.stderr  # progress is said to the latter


def copier(*words: str) -> list[str]:
    """Return a Copier command of this environment."""
    return [sys.executable, "-W", "ignore", "-m", "copier", *words]


def render(source: Path, target: Path, ref: str = "HEAD") -> float:
    """Render a project; return the seconds."""
    shutil.rmtree(target, ignore_errors=True)
    words = ("copy", "--defaults", "--quiet", "--vcs-ref", ref, str(source), str(target))
    return timed(copier(*words), HOME)


def files(folder: Path) -> int:
    """Count the files of a folder."""
    return sum(path.is_file() for path in folder.rglob("*") if ".git" not in path.parts)


def about() -> dict[str, str]:
    """Describe commit, machine and date."""
    cpu = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine(),
    )  # fmt: skip
    memory = int(Path("/proc/meminfo").read_text().split()[1]) >> 20
    return {
        "commit": _commit(),
        "machine": f"{cpu}, {os.cpu_count()} cores, {memory} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load": f"{os.getloadavg()[0]:.1f}",
    }


def _commit() -> str:
    """Name the commit, and whether anything but the page that is written here was changed since."""

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", ".", ":!docs/reference/benchmarks.md")
    return (git("rev-parse", "--short", "HEAD") or "no repository") + ("-dirty" if changed else "")
