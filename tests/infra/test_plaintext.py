"""Whatever lets a client take any certificate is found in code, machines and pipelines, and a word of it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from redoubt.infra import plaintext


def found(root: Path, name: str, text: str) -> list[str]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return plaintext.found(root)


@pytest.mark.parametrize(
    "line",
    [
        "httpx.get(url, verify=False)",
        "requests.get(url, verify=None)",
        "context.check_hostname = False",
        "context.verify_mode = ssl.CERT_NONE",
        "context = ssl._create_unverified_context()",
        "from ssl import CERT_NONE\nmode = CERT_NONE",
        "urllib3.disable_warnings()",
        "aiohttp.TCPConnector(verify_ssl=0)",
    ],
)
def test_python_that_takes_any_certificate_is_found(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "src/team/asking.py", f"{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "httpx.get(url, verify=trust)",
        "httpx.get(url, verify=True)",
        "context.check_hostname = True",
        "context.verify_mode = ssl.CERT_REQUIRED",
        'told = "verify=False"  # CERT_NONE',
    ],
)
def test_python_that_verifies_or_only_speaks_of_it_is_not(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, "platform/src/redoubt/asking.py", f"{line}\n") == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("infra/modules/a/files/x.sh", "curl -sk https://a"),
        ("infra/modules/a/files/x.sh", "curl --silent --insecure https://a"),
        ("infra/main.tf", "  insecure_skip_verification = true"),
        ("infra/main.tf", '  tls_disable = "true"'),
        ("infra/main.tf", 'PGSSLMODE = "prefer"'),
        ("conf/store.yml", "url: postgresql://db/x?sslmode=require"),
        ("ci/check.yml", "  - pip install --trusted-host pypi.bank.test x"),
        ("conf/site.yml", "    validate_certs: no"),
    ],
)
def test_a_line_that_takes_any_certificate_is_found(tmp_path: Path, name: str, line: str) -> None:
    assert found(tmp_path, name, f"first\n{line}\n") == [f"{name}:2"]
    assert found(tmp_path, name, f"# {line}\n") == []


def test_a_line_that_verifies_is_not(tmp_path: Path) -> None:
    text = (
        "curl --cacert ca.pem --key k.pem https://a\nPGSSLMODE=verify-full\ntls_disable = false\n"
    )
    assert found(tmp_path, "infra/x.sh", text) == []
