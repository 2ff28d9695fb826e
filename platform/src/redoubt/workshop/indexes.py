"""Where packages come from: pip's settings, proxies and a corporate CA, said in uv's words."""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from redoubt.errors import BadInput

UV_OWN = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_CONFIG_FILE")
KEYS = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert", "proxy",
        "default-timeout", "timeout")  # fmt: skip
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return pip's own settings: its configuration files, then ``PIP_*`` variables over them."""
    found: dict[str, str] = {}
    for path in _files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue  # pip itself reports its broken configuration file
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= {key: value for key, value in parser.items(section) if key in KEYS}
    for key in KEYS:
        if value := environ.get("PIP_" + key.upper().replace("-", "_")):
            found[key] = value
    return {key: " ".join(value.split()) for key, value in found.items() if value.strip()}


def _files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Give pip's configuration files, weakest first, as pip documents them."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    yield from (Path(part) / "pip" / "pip.conf"
                for part in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":"))  # fmt: skip
    yield Path("/etc/pip.conf")
    yield Path("/Library/Application Support/pip/pip.conf")
    yield home / ".pip" / "pip.conf"
    yield user / "pip" / "pip.conf"
    yield Path(sys.prefix) / "pip.conf"
    if named:
        yield Path(named)


def uv_environment(environ: Mapping[str, str], wheels: str = "") -> dict[str, str]:
    """Return the environment for uv: what pip is told holds for uv too, unless uv is told itself.

    ``wheels`` (``REDOUBT_WHEELS``) is a folder of wheels that replaces every index.
    """
    pip = pip_settings(environ)
    result = dict(environ) | {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1"}
    result.pop("VIRTUAL_ENV", None)
    if wheels:
        return result | {"UV_OFFLINE": "1", "UV_FIND_LINKS": wheels}
    told = any(environ.get(name) for name in UV_OWN)
    said: dict[str, str] = {} if told else _indexes(pip)
    if "cert" in pip:
        said["SSL_CERT_FILE"] = pip["cert"]
    elif bundle := environ.get("REQUESTS_CA_BUNDLE"):
        said["SSL_CERT_FILE"] = bundle
    if "proxy" in pip:
        said |= {"HTTPS_PROXY": pip["proxy"], "HTTP_PROXY": pip["proxy"]}
    if timeout := pip.get("timeout") or pip.get("default-timeout"):
        said["UV_HTTP_TIMEOUT"] = timeout.partition(".")[0]
    if "trusted-host" in pip:
        said["UV_INSECURE_HOST"] = pip["trusted-host"]
    return said | result


def flags(wheels: str) -> list[str]:
    """Return uv's flags for a folder of wheels; raises BadInput when the folder is not there."""
    if wheels and not Path(wheels).is_dir():
        raise BadInput(
            f"REDOUBT_WHEELS={wheels} is not a folder.",
            remedy="set it to the folder that holds the wheels, or unset it to use the index",
        )
    return ["--no-index"] if wheels else []


def _indexes(pip: Mapping[str, str]) -> dict[str, str]:
    said: dict[str, str] = {}
    if "index-url" in pip:
        said["UV_DEFAULT_INDEX"] = pip["index-url"]
    if "extra-index-url" in pip:
        # pip takes the best version of all its indexes; every installed file is pinned by hash.
        said |= {"UV_INDEX": pip["extra-index-url"], "UV_INDEX_STRATEGY": "unsafe-best-match"}
    if links := [part for part in pip.get("find-links", "").split() if _usable(part)]:
        said["UV_FIND_LINKS"] = ",".join(links)
    return said


def _usable(link: str) -> bool:
    return "://" in link or Path(link).is_dir()


def defaults(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what every command in an environment of this project runs with.

    One thread a library, because two spinning OpenMP pools are slower than one; MLflow never
    unpickles, and tells nobody how it is used.
    """
    # control: SUP-05
    fixed = {"MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}
    return {name: environ.get(name, "1") for name in ONE_THREAD} | fixed
