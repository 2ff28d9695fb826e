"""The fact ``recorder``: MLflow's server, started here as its task of the plan starts it, and asked.

The words are the plan's. Only what is this machine's differs: Python, the address and port, the
folder with certificate and key, and where it keeps runs and artefacts. What was seen is `seen.json`.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from redoubt import processes
from redoubt.infra import containers
from redoubt.infra.reading import Plan
from redoubt.proof import fact, handshakes
from redoubt.serving import tls

HERE = "127.0.0.1"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


def words(command: list[str], folder: Path, port: int) -> list[str]:
    """Return a planned command with the places of this machine."""
    mine = {"--host": HERE, "--port": str(port), "--artifacts-destination": str(folder / "kept"), "--workers": "1"}  # fmt: skip
    found = [mine.get(before, word) for before, word in zip(["", *command], command, strict=False)]
    return [word.replace("/run/redoubt", str(folder)) for word in found]


@fact(
    reads=[
        "platform/src/redoubt/*.py",
        "platform/src/redoubt/infra/containers.py",
        "platform/src/redoubt/proof/handshakes.py",
        "platform/src/redoubt/serving/tls.py",
    ]
)
def recorder(planned: Plan, work: Path) -> None:
    """Write down the versions of TLS that it speaks, and whether it answers without."""
    command = containers.task(planned, "tracking").containers["tracking"]["command"]
    with tempfile.TemporaryDirectory(prefix="redoubt-mlflow-") as name:
        folder, port = Path(name), processes.free_port()
        tls.create_authority(folder)
        tls.issue(folder, "tls", (HERE,), ExtendedKeyUsageOID.SERVER_AUTH)
        address = HERE, port
        with processes.running(
            [sys.executable, "-m", "mlflow", *words(command, folder, port)],
            healthy=lambda: _listens(address), log=folder / "server.log", seconds=60,
            environment=os.environ | QUIET | {"MLFLOW_BACKEND_STORE_URI": f"sqlite:///{folder}/runs.db"},
        ):  # fmt: skip
            seen = {
                "spoken": list(handshakes.spoken(address, lambda: handshakes.trusting(folder / tls.CA))),
                "speaks HTTP": b"HTTP/" in handshakes.in_plaintext(address),
            }  # fmt: skip
            (work / "seen.json").write_text(json.dumps(seen))


def _listens(address: handshakes.Address) -> bool:
    try:
        handshakes.in_plaintext(address)
    except OSError:
        return False
    return True
