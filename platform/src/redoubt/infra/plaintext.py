"""Where a project's files let a client take any certificate, or speak without one.

Python is read as a syntax tree, so that a word in a text or a comment is no finding; everything else
is read by line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("ci", "conf", "infra", "platform/src", "src")
SUFFIXES = {".cfg", ".hcl", ".json", ".py", ".service", ".sh", ".tf", ".tfvars", ".toml", ".tftpl", ".yaml", ".yml"}  # fmt: skip
# What tells a program to take any certificate, wherever it is written.
LINES = re.compile(
    r"curl\b[^#]*\s(-[a-zA-Z]*k|--insecure)\b|wget\b[^#]*--no-check-certificate"
    r"|insecure_skip_verif\w*\W+true|tls_skip_verify\W+true|tls_disable\W+(true|1)|skip_tls_verify\W+true"
    r"|sslmode=(disable|allow|prefer|require)\b|PGSSLMODE\W+(disable|allow|prefer|require)\b"
    r"|MLFLOW_S3_IGNORE_TLS\W+(true|1)|MLFLOW_TRACKING_INSECURE_TLS\W+(true|1)|PYTHONHTTPSVERIFY\W+0"
    r"|--trusted-host|sslVerify\W+false|strict-ssl\W+false|validate_certs\W+(false|no)\b",
    re.IGNORECASE,
)
ARGUMENTS = {"verify", "verify_ssl", "check_hostname", "ssl_verify", "verify_certs", "verify_mode",
             "assert_hostname", "cert_reqs", "use_ssl"}  # fmt: skip
# The last three make a context that asks for no certificate unless somebody says so.
NAMES = {"CERT_NONE", "_create_unverified_context", "disable_warnings",
         "_create_stdlib_context", "PROTOCOL_TLS", "PROTOCOL_SSLv23"}  # fmt: skip


def found(root: Path) -> list[str]:
    """Return ``path:line`` of everything in a project that goes on without a verified certificate."""
    paths = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*"))]
    paths += sorted(root.glob("*.py"))
    return [
        f"{path.relative_to(root)}:{line}"
        for path in paths
        if path.is_file() and path.suffix in SUFFIXES and ".terraform" not in path.parts
        for line in sorted(set(_lines(path)))
    ]


def _lines(path: Path) -> Iterator[int]:
    text = path.read_text(errors="replace")
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if _unverified(node):
                yield getattr(node, "lineno", 0)
    else:
        for number, line in enumerate(text.splitlines(), 1):
            if not line.lstrip().startswith(("#", "//")) and LINES.search(line):
                yield number


def _unverified(node: ast.AST) -> bool:
    """Say whether a piece of Python takes a certificate that nobody verified."""
    if isinstance(node, ast.keyword):
        return node.arg in ARGUMENTS and _false(node.value)
    if isinstance(node, ast.Assign):
        names = {one.attr for one in node.targets if isinstance(one, ast.Attribute)}
        return bool(names & ARGUMENTS) and _false(node.value)
    if isinstance(node, ast.Call):
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if called == "setattr" and len(node.args) == 3:
            return isinstance(node.args[1], ast.Constant) and node.args[1].value in ARGUMENTS
        return called == "SSLContext" and not node.args and not node.keywords
    return getattr(node, "attr", getattr(node, "id", "")) in NAMES


def _false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value in (False, None, 0)
