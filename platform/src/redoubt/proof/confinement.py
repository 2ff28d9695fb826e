"""Makes a process what a hardened container makes it: no root, no capability, a read-only tree.

It is Linux's own means, without a container engine: a user namespace in which the process is user
10001, a mount namespace in which everything is read-only but the folders named, and on request a
network namespace without any interface.
"""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

USER = 10001
_NEW_USER, _NEW_MOUNTS, _NEW_NETWORK = 0x10000000, 0x00020000, 0x40000000
_BIND, _PRIVATE_BELOW = 0x1000, 0x4000 | 0x40000
_HERE, _BELOW, _READ_ONLY = -100, 0x8000, 1
_MOUNT_SETATTR = 442  # the same on every architecture
_NO_NEW_PRIVILEGES = 38
_CAPABILITIES_V3 = 0x20080522


def confine(writable: Sequence[Path], *, network: bool = True) -> None:
    """Confine this process for ever; it must have one thread. Raises OSError where Linux forbids it."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _NEW_USER | _NEW_MOUNTS | (0 if network else _NEW_NETWORK))
    for name, text in ("setgroups", "deny"), ("uid_map", f"{USER} {user} 1"), ("gid_map", f"{USER} {group} 1"):  # fmt: skip
        Path(f"/proc/self/{name}").write_text(text)
    _call("mount", None, b"/", None, _PRIVATE_BELOW, None)
    folders = [bytes(folder.resolve()) for folder in writable]
    for folder in folders:
        _call("mount", folder, folder, None, _BIND, None)
    _attributes(b"/", _BELOW, given=_READ_ONLY)
    for folder in folders:
        _attributes(folder, 0, taken=_READ_ONLY)
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    _drop_capabilities()


def _call(name: str, *arguments: Any) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _attributes(path: bytes, flags: int, *, given: int = 0, taken: int = 0) -> None:
    wanted = (ctypes.c_uint64 * 4)(given, taken, 0, 0)
    _call(
        "syscall", ctypes.c_long(_MOUNT_SETATTR), _HERE, path, flags, ctypes.byref(wanted),
        ctypes.c_size_t(ctypes.sizeof(wanted)),
    )  # fmt: skip


def _drop_capabilities() -> None:
    head = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    none = (ctypes.c_uint32 * 6)()
    _call("capset", ctypes.byref(head), ctypes.byref(none))


def tried(folder: Path, *, network: bool = True) -> dict[str, str]:
    """Return what this process was answered when it tried to leave its confinement."""
    attempts: dict[str, Callable[[], Any]] = {
        "write": lambda: (folder / "written").write_text("x"),
        "become root": lambda: os.setuid(0),
        "make it writable": lambda: _attributes(b"/", _BELOW, taken=_READ_ONLY),
        "change a mode": lambda: folder.chmod(0o777),
    }
    if not network:
        attempts["reach out"] = lambda: socket.create_connection(("192.0.2.1", 443), 1)
    return {name: _answer(attempt) for name, attempt in attempts.items()}


def _answer(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


def why_not() -> str:
    """Return why this machine cannot confine a process; empty when it can."""
    read, write = os.pipe()
    if (child := os.fork()) == 0:
        try:
            confine([], network=False)
        except OSError as error:
            os.write(write, str(error).encode())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    with os.fdopen(read, "rb") as stream:
        said = stream.read().decode()
    os.waitpid(child, 0)
    return said
