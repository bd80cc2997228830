"""What the settings of TLS mean, in the forms that docker-py takes."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import Final

KNOWN_KEYS: Final = frozenset({"ca_cert", "client_cert", "client_key", "verify", "assert_hostname"})


def tls_context(setting: object) -> ssl.SSLContext | None:
    """What a setting of TLS means; None for no TLS.

    Raises:
        ValueError: if it means nothing, or names files that cannot be read.
    """
    if setting is None or setting is False:
        return None
    if isinstance(setting, ssl.SSLContext):
        return setting
    if setting is True:
        return ssl.create_default_context()
    if not isinstance(setting, Mapping):
        raise ValueError(  # noqa: TRY004 (a wrong setting, whatever is wrong with it)
            f"tls is a {type(setting).__name__}; it can be true, false, or a mapping of files"
        )
    unknown = sorted(set(setting) - KNOWN_KEYS)
    if unknown:
        raise ValueError(
            f"tls does not know {', '.join(unknown)}; it knows {', '.join(sorted(KNOWN_KEYS))}"
        )
    try:
        return _context_of_files(setting)
    except OSError as problem:
        raise ValueError(f"the files of tls cannot be used: {problem}") from problem


def _context_of_files(setting: Mapping[str, object]) -> ssl.SSLContext:
    ca_cert, verify = setting.get("ca_cert"), setting.get("verify")
    # docker-py allows a file of authorities in `verify`, as the requests library does.
    if isinstance(verify, str | os.PathLike):
        ca_cert, verify = verify, True
    context = ssl.create_default_context(cafile=None if ca_cert is None else str(ca_cert))
    certificate = _certificate(setting)
    if certificate:
        context.load_cert_chain(*certificate)
    if verify is False or setting.get("assert_hostname") is False:
        context.check_hostname = False
    if verify is False:
        context.verify_mode = ssl.CERT_NONE
    return context


def _certificate(setting: Mapping[str, object]) -> tuple[str, ...]:
    certificate, key = setting.get("client_cert"), setting.get("client_key")
    if isinstance(certificate, list | tuple):
        return tuple(str(file) for file in certificate)
    return tuple(str(file) for file in (certificate, key) if file)
