"""What a file in a bundle may be, by its name and by its first bytes. Nothing here is executed."""

from __future__ import annotations

from redoubt.errors import Refused

EXECUTABLE = {
    b"\x80": "a pickle",
    b"PK": "a zip archive, as PyTorch and Keras write",
    b"\x1f\x8b": "a gzip archive",
    b"7z": "a 7z archive",
    b"\x93NUMPY": "a numpy file, which may hold a pickle",
    b"\x89HDF": "an HDF5 file",
    b"\x7fELF": "a program",
    b"#!": "a script",
}
# control: SUP-05
# A serialised ONNX ModelProto starts with field 1 (ir_version); JSON here is an object or a list.
STARTS = {".onnx": (b"\x08",), ".json": (b"{", b"[")}


# control: SUP-05
def check(name: str, data: bytes) -> None:
    """Refuse a file whose suffix or content is not on the allow-list; a renamed one is the same.

    Raises Refused, saying what the file really is when that is known.
    """
    suffix = name[name.rfind(".") :] if "." in name else ""
    if suffix not in STARTS:
        raise _refused(name, f"only {', '.join(sorted(STARTS))} files may be in a bundle")
    for start, what in EXECUTABLE.items():
        if data.startswith(start):
            raise _refused(name, f"it is {what}")
    if not data.startswith(STARTS[suffix]):
        raise _refused(name, f"its content is not {suffix.removeprefix('.').upper()}")


def _refused(name: str, why: str) -> Refused:
    return Refused(
        f"{name} is refused: {why}.",
        remedy="export the model with the recipe's to_onnx; other formats can run code when loaded",
    )
