"""From a fresh clone with only Python and git: `python3 start.py demo FOLDER` or `… start.py test`.

Standard library only, and written so that an old Python can still say what is wrong with it.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import venv

ROOT = os.path.dirname(os.path.abspath(__file__))
BOOT = os.path.join(ROOT, ".venv", "boot")
PINS = os.path.join(ROOT, "requirements", "boot.txt")
USAGE = """usage: python3 start.py COMMAND

  demo FOLDER      render a project into FOLDER and take a model through it, to a served decision
  test             pass every test and check of this repository
  quick            the subset of it for every day, in a few minutes
  nox ARGUMENTS    any session of this repository; `nox --list` names them
"""


def supported():
    """Say whether this Python can run the project."""
    return (3, 11) <= sys.version_info[:2] < (3, 14)


def other():
    """Return the path of a Python on this machine that can, or None."""
    for name in ("python3.13", "python3.12", "python3.11"):
        path = shutil.which(name)
        check = [path, "-c", "import ensurepip"]
        if path and subprocess.call(check, stderr=subprocess.DEVNULL) == 0:
            return path
    return None


def fail(message):
    """Stop with what is missing and its remedy: exit code 3, as everywhere in Redoubt."""
    sys.stderr.write(f"start.py: {message}\n")
    sys.exit(3)


def boot():
    """Make `.venv/boot` with nox, uv and copier from hash-pinned files, once."""
    done = os.path.join(BOOT, "boot.txt")
    if os.path.exists(done) and filecmp.cmp(PINS, done, shallow=False):
        return
    try:
        import ensurepip  # noqa: F401  (Debian ships Python without it)
    except ImportError:
        fail("this Python has no ensurepip; on Debian or Ubuntu: apt-get install python3-venv")
    print("Preparing nox, uv and copier in .venv/boot (about 30 MB to download)", flush=True)
    venv.create(BOOT, clear=True, with_pip=True)
    python = os.path.join(BOOT, "bin", "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    wheels = os.environ.get("REDOUBT_WHEELS")
    if wheels:
        command += ["--no-index", "--find-links", wheels]
    if subprocess.call([*command, "--require-hashes", "-r", PINS]) != 0:
        fail(
            "the packages above could not be installed; set PIP_INDEX_URL to your index, "
            "PIP_CERT to your CA, or REDOUBT_WHEELS to a folder of wheels"
        )
    shutil.copyfile(PINS, done)


def main(arguments):
    """Run one command; the exit code is nox's."""
    known = {"demo": ["-s", "demo", "--"], "test": [], "quick": ["-t", "quick"], "nox": []}
    if not arguments or arguments[0] not in known:
        sys.stderr.write(USAGE)
        return 2
    if arguments[0] == "demo" and len(arguments) < 2:
        sys.stderr.write("start.py: say where: python3 start.py demo ~/credit\n")
        return 2
    if not supported():
        path = other()
        if not path:
            version = ".".join(map(str, sys.version_info[:2]))
            fail(f"Python {version} cannot run this; install Python 3.11, 3.12 or 3.13")
        return subprocess.call([path, os.path.abspath(__file__), *arguments])
    if not shutil.which("git"):
        fail("git is not installed; on Debian or Ubuntu: apt-get install git")
    rest = list(arguments[1:])
    if arguments[0] == "demo":
        rest[0] = os.path.abspath(os.path.expanduser(rest[0]))
    boot()
    command = [os.path.join(BOOT, "bin", "nox"), "--noxfile", os.path.join(ROOT, "noxfile.py")]
    return subprocess.call(command + known[arguments[0]] + rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
