"""Work on a Dask cluster."""

from __future__ import annotations

import ipaddress
from concurrent.futures import Executor
from typing import Any
from urllib.parse import urlsplit

from bartizan.model.errors import UsageError


def check_engine(url: str) -> None:
    """Raise UsageError unless the URL is `tls://host:port`, or `tcp://` to this machine.

    Without TLS anybody on the way could hand the workers code to run.
    """
    parts = urlsplit(url)
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if parts.scheme not in ("tls", "tcp") or not host or not port:
        raise UsageError(f"cannot use the engine {url}", "name a Dask scheduler as tls://host:port")
    if parts.scheme == "tcp" and not _is_here(host):
        raise UsageError(f"the engine {url} is not encrypted", "use tls://; tcp:// is for loopback only")


def connect(url: str, timeout: float = 10.0) -> tuple[Executor, Any]:
    """An executor over the cluster's workers, and the client to close afterwards.

    TLS material comes from Dask's own configuration. Raises UsageError when the extra is not installed or nobody
    answers.
    """
    check_engine(url)
    try:
        from distributed import Client
    except ImportError:
        raise UsageError("the engine needs the extra `cluster`", "pip install 'bartizan[cluster]'") from None
    try:
        client = Client(url, timeout=timeout, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise UsageError(f"cannot reach the engine {url}: {str(error).splitlines()[0]}") from None
    executor: Executor = client.get_executor(pure=False, retries=0)  # type: ignore[no-untyped-call]
    return executor, client


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
