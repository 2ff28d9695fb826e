"""Finds Terraform and the provider's mirror, and runs commands in one folder.

Terraform itself and the provider are installed by people, never fetched by Redoubt: what is absent
is said with its remedy (exit code 3).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from redoubt.errors import Refused, Unavailable

OLDEST = (1, 10)
PROVIDER = Path("registry.terraform.io/hashicorp/aws")
MIRROR = "REDOUBT_TERRAFORM_MIRROR"
# Where Terraform itself looks for mirrors, after the user's own folder.
PLACES = ("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
CONFIG = """\
disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = {path}
    include = ["registry.terraform.io/hashicorp/aws"]
  }}
  direct {{
    exclude = ["registry.terraform.io/hashicorp/aws"]
  }}
}}
"""
GOES_ON = "mend what it names; the same command then goes on from where it stopped"
LOCKED = (
    "another run holds the state: let it end; if it died and nobody else works there, "
    "`terraform force-unlock ID` with the ID above, then the same command again"
)
Say = Callable[[str], None]


def binary() -> Path:
    """Return Terraform. Raises Unavailable when there is none, or it is too old for S3 lock files."""
    found = shutil.which("terraform")
    remedy = f"install Terraform {OLDEST[0]}.{OLDEST[1]} or newer and put it on the path"
    if found is None:
        raise Unavailable("terraform is not on the path.", remedy=remedy)
    done = subprocess.run(
        [found, "version", "-json"], capture_output=True, text=True, check=False,
        env=os.environ | {"CHECKPOINT_DISABLE": "1"},
    )  # fmt: skip
    version = re.search(r'"terraform_version":\s*"(\d+)\.(\d+)', done.stdout)
    if version is None:
        raise Unavailable(f"{found} does not say its version.", remedy=remedy)
    if (int(version[1]), int(version[2])) < OLDEST:
        raise Unavailable(f"{found} is Terraform {version[1]}.{version[2]}.", remedy=remedy)
    return Path(found)


def mirror(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return a folder that holds the provider, or None: then Terraform asks its registry.

    Raises Unavailable when the folder that ``REDOUBT_TERRAFORM_MIRROR`` names holds no provider.
    """
    named = environ.get(MIRROR)
    if named:
        if not (Path(named) / PROVIDER).is_dir():
            raise Unavailable(
                f"{MIRROR}={named!r} holds no {PROVIDER}.",
                remedy="fill it with `terraform providers mirror FOLDER`, or unset it",
            )
        return Path(named)
    home = Path(environ.get("HOME", "/")) / ".terraform.d" / "plugins"
    places = [home, *map(Path, PLACES)]
    return next((path for path in places if (path / PROVIDER).is_dir()), None)


@dataclass(frozen=True)
class Terraform:
    """Terraform in one folder, with an environment of its own."""

    folder: Path
    environment: Mapping[str, str]

    @cached_property
    def _binary(self) -> Path:
        return binary()

    def run(self, *words: str, seconds: float = 900.0, allowed: tuple[int, ...] = (0,)) -> str:
        """Run one command and return what it printed.

        Raises Refused with Terraform's own words on any exit code that is not allowed.
        """
        done = self.done(*words, seconds=seconds)
        if done.returncode not in allowed:
            raise refused(done)
        return done.stdout

    def done(self, *words: str, seconds: float = 900.0) -> subprocess.CompletedProcess[str]:
        """Run one command and return how it ended. Raises Unavailable when its time is over."""
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            # Files and not pipes: a reader that goes away would orphan the provider.
            try:
                code = subprocess.run(
                    [str(self._binary), *words], cwd=self.folder, env=dict(self.environment),
                    stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=seconds, check=False,
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired as error:
                raise Unavailable(
                    f"terraform {words[0]} did not end within {seconds:.0f} s.",
                    remedy="look at the network and the credentials; the state is locked until then",
                ) from error
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(list(words), code, out.read(), err.read())

    def plan(self, *words: str, name: str = "plan.tfplan") -> dict[str, Any]:
        """Write a plan into the folder and return it as Terraform's JSON."""
        self.run("plan", "-input=false", "-no-color", f"-out={name}", *words)
        plan: dict[str, Any] = json.loads(self.run("show", "-json", name))
        return plan


def refused(done: subprocess.CompletedProcess[str]) -> Refused:
    """Return what to raise for a command that failed: Terraform's own words and what to do."""
    said = problem(done)
    return Refused(
        f"terraform {done.args[0]} ended with {done.returncode}:\n{said}",
        remedy=LOCKED if "acquiring the state lock" in said else GOES_ON,
    )


def problem(done: subprocess.CompletedProcess[str], most: int = 3000) -> str:
    """Return Terraform's errors without its drawing characters, at most ``most`` characters."""
    text = done.stderr.strip() or done.stdout.strip()
    lines = [re.sub(r"^[│╷╵]\s?", "", line).rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line)[:most]


@contextmanager
def configured(extra: Mapping[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Yield an environment in which Terraform takes the provider from the mirror, if there is one.

    A command-line configuration that the caller has is left alone, so that a bank's own holds.
    """
    environment = os.environ | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
    environment |= dict(extra or {})
    given = environment.get("TF_CLI_CONFIG_FILE", "")
    found = mirror(environment)
    if found is None or (given and Path(given).is_file() and MIRROR not in environment):
        yield environment
        return
    with tempfile.TemporaryDirectory(prefix="redoubt-terraform-") as folder:
        path = Path(folder) / "cli.tfrc"
        path.write_text(CONFIG.format(path=json.dumps(str(found))))
        yield environment | {"TF_CLI_CONFIG_FILE": str(path)}
