"""The fact ``lies``: what a statement of provenance may say that is not true, and where it says so."""

from redoubt.proof import fact

Way = tuple[str | int, ...]
BUILD: Way = ("predicate", "buildDefinition")
MADE: Way = (*BUILD, "resolvedDependencies")  # in the order of their names
OTHER: dict[str, tuple[Way, object]] = {
    "builder": (("predicate", "runDetails", "builder", "id"), "https://elsewhere.test"),
    "repository": ((*BUILD, "externalParameters", "source", "repository"), "elsewhere"),
    "commit": ((*BUILD, "externalParameters", "source", "commit"), "f" * 40),
    "files": (("subject",), []),
    "content": (("subject", 0, "digest", "sha256"), "0" * 64),
    "build": ((*BUILD, "buildType"), "https://elsewhere.test/build"),
    "predicate": (("predicateType",), "https://elsewhere.test/predicate"),
    "statement": (("_type",), "https://elsewhere.test/statement"),
    "dataset": ((*MADE, 0, "digest", "sha256"), "0" * 64),
    "environment": ((*MADE, 1, "digest", "sha256"), "0" * 64),
    "lineage": ((*MADE, 2, "digest", "sha256"), "0" * 64),
    "parameters": ((*MADE, 3, "digest", "sha256"), "0" * 64),
    "source tree": ((*MADE, 4, "digest", "sha256"), "0" * 64),
    "splits": ((*MADE, 5, "digest", "sha256"), "0" * 64),
}


@fact(reads=[])
def lies() -> dict[str, tuple[Way, object]]:
    return OTHER
