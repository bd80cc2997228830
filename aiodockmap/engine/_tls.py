"""What the settings of TLS mean, in the forms that docker-py takes, and what its failures mean."""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from ..config import TLS_KEYS


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
    unknown = sorted(set(setting) - TLS_KEYS)
    if unknown:
        raise ValueError(
            f"tls does not know {', '.join(unknown)}; it knows {', '.join(sorted(TLS_KEYS))}"
        )
    files = _files(setting)
    missing = [f"{key} {path}" for key, path in files.items() if not Path(path).is_file()]
    if missing:
        raise ValueError(f"there is no file {', and none '.join(missing)}")
    return _context_of_files(setting, files)


def _files(setting: Mapping[str, object]) -> dict[str, str]:
    """The files that a setting names, by what they are."""
    certificate = setting.get("client_cert")
    pair = certificate if isinstance(certificate, list | tuple) else (certificate,)
    named = dict(zip(("client_cert", "client_key"), pair, strict=False))
    verify = setting.get("verify")
    # docker-py allows a file of authorities in `verify`, as the requests library does.
    authorities = verify if isinstance(verify, str | os.PathLike) else setting.get("ca_cert")
    key = setting.get("client_key")
    files = {"ca_cert": authorities, **named, **({"client_key": key} if key else {})}
    return {name: os.fspath(path) for name, path in files.items() if path}


def _context_of_files(setting: Mapping[str, object], files: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    try:
        if authorities := files.get("ca_cert"):
            context = ssl.create_default_context(cafile=authorities)
    except OSError as problem:
        raise ValueError(f"ca_cert {authorities} has no certificates: {problem}") from problem
    try:
        if certificate := files.get("client_cert"):
            context.load_cert_chain(certificate, files.get("client_key"))
    except OSError as problem:
        raise ValueError(
            f"client_cert {certificate}, with its key, cannot be used: {problem}"
        ) from problem
    if setting.get("verify") is False or setting.get("assert_hostname") is False:
        context.check_hostname = False
    if setting.get("verify") is False:
        context.verify_mode = ssl.CERT_NONE
    return context


@frozen
class TlsTrouble:
    """What went wrong before a word was said, and the way out."""

    reason: str
    advice: str


_FOR_ANOTHER_NAME: Final = frozenset({62, 64})
_EXPIRED: Final = 10
_ALERT: Final = re.compile(r"\[SSL: \w*?ALERT_(?P<what>\w+)\]")


def tls_trouble(problem: Exception) -> TlsTrouble | None:
    """What a failed connection means, if it is about TLS."""
    refused = getattr(problem, "certificate_error", None)
    if isinstance(refused, ssl.SSLCertVerificationError):
        return _untrusted(refused)
    said = str(problem)
    if alert := _ALERT.search(said):
        what = alert["what"].lower().replace("_", " ")
        return TlsTrouble(
            f"it accepts no certificate of ours ({what})",
            "give tls a client_cert and client_key that are signed by an authority which the engine"
            " trusts, and have not expired",
        )
    if "HTTP request to an HTTPS server" in said:
        return TlsTrouble("it wants TLS", "write https:// in base_url, or give tls of the client")
    if "WRONG_VERSION_NUMBER" in said:
        return TlsTrouble("it does not speak TLS", "write http:// in base_url, and leave tls out")
    return None


def _untrusted(refused: ssl.SSLCertVerificationError) -> TlsTrouble:
    reason = f"its certificate is not trusted: {refused.verify_message.rstrip('.')}"
    if refused.verify_code in _FOR_ANOTHER_NAME:
        return TlsTrouble(
            reason, "write a name in base_url that the certificate has, or renew the certificate"
        )
    if refused.verify_code == _EXPIRED:
        return TlsTrouble(reason, "renew the certificate of the engine")
    return TlsTrouble(
        reason, "give tls of the client, as ca_cert, the authority that signed that certificate"
    )
