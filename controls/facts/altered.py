"""The fact ``altered``: opens a private copy of the snapshot, alters it, and tells what a run then does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from redoubt import datasets, model, project
from redoubt.errors import RedoubtError
from redoubt.ledger import Ledger
from redoubt.proof import fact
from redoubt.release import issuer
from redoubt.settings import Settings
from redoubt.training import preconditions, train


class Altered:
    """One snapshot, free to be altered: its folder, its files as recorded, and a run upon it."""

    def __init__(self, root: Path) -> None:
        self.settings = Settings(root=root)
        self.lineage = datasets.lineage(Ledger(self.settings))
        self.folder = datasets.folder(self.settings, self.lineage.dataset)
        self.files = {path.name: path.read_bytes() for path in sorted(self.folder.glob("*.parquet"))}  # fmt: skip
        self.by = issuer.identity(self.settings, "mira")

    def root_hash(self, files: dict[str, bytes] | None = None) -> str:
        """Return SHA-256 over the names and SHA-256 of the files, computed without the platform."""
        files = self.files if files is None else files
        each = {name: "sha256:" + hashlib.sha256(data).hexdigest() for name, data in files.items()}
        text = json.dumps(each, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def others(self) -> Iterator[tuple[str, dict[str, bytes]]]:
        """Yield (what was done, the files then): each is another snapshot, whole and readable or not."""
        data, apart = self.files[datasets.DATA], self.files[datasets.PROTECTED]
        at = data.rindex(b"parquet")  # in the writer's name, so that the table can still be read
        flipped = data[:at] + b"q" + data[at + 1 :]
        middle = len(apart) // 2
        yield "a byte is flipped", {datasets.DATA: flipped, datasets.PROTECTED: apart}
        yield "a byte is added", {datasets.DATA: data + b"\n", datasets.PROTECTED: apart}
        yield "another file lies there", {datasets.DATA: apart, datasets.PROTECTED: apart}
        yield "both are exchanged", {datasets.DATA: apart, datasets.PROTECTED: data}
        yield (
            "protected columns are changed",
            {
                datasets.DATA: data,
                datasets.PROTECTED: apart[:middle]
                + bytes([apart[middle] ^ 1])
                + apart[middle + 1 :],
            },
        )
        yield "protected columns are gone", {datasets.DATA: data}

    def lay(self, files: dict[str, bytes]) -> None:
        """Let the snapshot's folder hold these data files and no others."""
        for path in self.folder.glob("*.parquet"):
            path.unlink()
        for name, data in files.items():
            (self.folder / name).write_bytes(data)

    def start(self) -> str:
        """Start a run; return why it is refused before anything is fitted, or "begun"."""
        with mock.patch.object(train, "_fit", side_effect=Begun):
            try:
                train.train(self.settings, project.load(self.settings.root),
                            model.load(self.settings.root), by=self.by)  # fmt: skip
            except Begun:
                return "begun"
            except RedoubtError as error:
                return error.message
        return "ended"

    def exchanged_behind_the_check(self) -> Any:
        """Return the table that a run starts from when the file is overwritten right after its check."""
        judge, data = datasets.name, self.files[datasets.DATA]

        def name(found: Any) -> str:
            answer = judge(found)
            (self.folder / datasets.DATA).write_bytes(self.files[datasets.PROTECTED])
            return answer

        with mock.patch.object(datasets, "name", name):
            table = preconditions.check(self.settings, self.by, None).table
        return table.equals(datasets.frame(data))


class Begun(Exception):
    """Training would fit now."""


@fact(reads=["platform/src/redoubt/training/**", "platform/src/redoubt/runstore.py"])
def altered(snapshot: Path, copy_of: Callable[[Path], Path]) -> Callable[[], Altered]:
    return lambda: Altered(copy_of(snapshot))
