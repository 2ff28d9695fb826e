"""``python -m redoubt.serving [--candidate DIGEST] [--port N]``: the service without the other verbs."""

from __future__ import annotations

import argparse
import sys

from redoubt import processes
from redoubt.errors import RedoubtError


def main() -> int:
    """Serve; return the exit code of `redoubt`."""
    parser = argparse.ArgumentParser(prog="redoubt serve")
    parser.add_argument("--candidate")
    parser.add_argument("--port", type=int)
    given = parser.parse_args()
    # it imports what verifies signatures while this process imports everything else
    verifier = processes.waiting("redoubt.modelsign")
    try:
        from redoubt.serving import server

        server.run(given.candidate, given.port, verifier)
    except RedoubtError as error:
        sys.stderr.write(f"redoubt: {error.message}\n")
        if error.remedy:
            sys.stderr.write(f"  remedy: {error.remedy}\n")
        return error.exit_code
    finally:
        processes.stop(verifier)
    return 0


if __name__ == "__main__":
    sys.exit(main())
