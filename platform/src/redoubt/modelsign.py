"""OpenSSF model signing of a bundle folder: one signature over every file, kept outside the folder.

Run as ``python -m redoubt.modelsign`` it is asked on standard input and prints the verified files as
JSON: the library takes about a second and 60 MB to import, so a service verifies in a child.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from redoubt import files, processes
from redoubt.errors import Refused, Unavailable
from redoubt.signing import Anchors

if TYPE_CHECKING:
    from redoubt.settings import Settings

PREDICATE = "https://model_signing/signature/v1.0"
REMEDY = "use the bundle as it was registered; a changed one must be registered and approved again"
Files = dict[str, str]


def sign(folder: Path, signature: Path, key: Path) -> None:
    """Sign every file of a folder with a P-256 key. Raises Unavailable when the key is not there."""
    from model_signing import signing as openssf

    with tempfile.TemporaryDirectory() as work:
        made = Path(work) / "bundle.sig"
        try:
            config = openssf.Config()  # type: ignore[no-untyped-call]
            config.use_elliptic_key_signer(private_key=key).sign(folder, made)
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"{folder.name[:12]} cannot be signed ({type(error).__name__}).",
                remedy="run `redoubt keys` (development) or mount the bundle key",
            ) from error
        files.write_bytes(signature, made.read_bytes())


# control: SUP-04
def verify(folder: Path, signature: Path, anchors: Anchors) -> Files:
    """Return file -> digest as a trusted bundle key signed it and as the folder now holds it.

    The statement may say which paths it leaves out, so the caller compares this list with the
    manifest: a file that nobody signed is then missing from it. Raises Refused.
    """
    try:
        data = signature.read_bytes()
    except OSError as error:
        raise Refused(f"Bundle {folder.name[:12]} has no signature.", remedy=REMEDY) from error
    for pem in anchors.pems("bundle"):
        if _verifies(folder, data, pem):
            return _files(folder, data)
    raise Refused(
        f"No trusted key signed the files of bundle {folder.name[:12]} as they are.", remedy=REMEDY
    )


# control: SUP-04
def _verifies(folder: Path, data: bytes, pem: str) -> bool:
    from model_signing import verifying as openssf

    with tempfile.TemporaryDirectory() as work:
        key, signature = Path(work) / "key.pem", Path(work) / "bundle.sig"
        key.write_text(pem)
        signature.write_bytes(data)
        try:
            config = openssf.Config()  # type: ignore[no-untyped-call]
            config.use_elliptic_key_verifier(public_key=key).verify(folder, signature)
        except Exception:  # the file is untrusted; whatever the library raises means "no"
            return False
    return True


def _files(folder: Path, data: bytes) -> Files:
    """Return what a verified statement covers, in the one form that Redoubt signs."""
    try:
        statement = json.loads(base64.b64decode(json.loads(data)["dsseEnvelope"]["payload"]))
        predicate = statement["predicate"]
        form = predicate["serialization"]
        known = statement["predicateType"] == PREDICATE
        if known and form["method"] == "files" and form["hash_type"] == "sha256":
            return {item["name"]: f"sha256:{item['digest']}" for item in predicate["resources"]}
    except (ValueError, KeyError, TypeError) as error:
        raise _unknown(folder) from error
    raise _unknown(folder)


def _unknown(folder: Path) -> Refused:
    return Refused(f"The signature of {folder.name[:12]} has an unknown form.", remedy=REMEDY)


class Child:
    """A verification that runs in a child process while the caller does something else.

    ``process`` is a child that :func:`redoubt.processes.waiting` started earlier for this module.
    """

    def __init__(
        self, settings: Settings, folder: Path, signature: Path,
        process: subprocess.Popen[bytes] | None = None,
    ) -> None:  # fmt: skip
        environment = processes.child_environment(settings.root)
        self._process = process or processes.waiting("redoubt.modelsign", environment)
        self._question = json.dumps([str(folder), str(signature), str(settings.anchors)]).encode()
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(self._question + b"\n")
                self._process.stdin.flush()

    def files(self, seconds: float = 60.0) -> Files:
        """Wait for the child and return the verified files. Raises Refused when it says no."""
        try:
            out, error = self._process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
            raise Refused("The signature was not verified in time.", remedy=REMEDY) from None
        if self._process.returncode != 0:
            said = error.decode(errors="replace").strip().splitlines()
            raise Refused(said[-1] if said else "The signature check failed.", remedy=REMEDY)
        return dict(json.loads(out))


# control: SUP-04
def main() -> int:
    """Read [folder, signature, anchors] from standard input; print the files or say why not.

    The library is imported first, so that a child started early has it when the question comes.
    """
    from model_signing import verifying  # noqa: F401 - for its import

    folder, signature, anchors = map(Path, json.loads(sys.stdin.readline()))
    try:
        found = verify(folder, signature, Anchors.load(anchors))
    except (Refused, Unavailable) as error:
        sys.stderr.write(f"{error.message}\n")
        return error.exit_code
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
