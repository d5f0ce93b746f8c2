"""Verification of OpenSSF model signatures, by the reference library (optional: `bartizan[signing]`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bartizan.model.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who must have signed: exactly one of a public key, a certificate chain, or an identity with its issuer."""

    public_key: str = ""
    certificates: tuple[str, ...] = ()
    identity: str = ""
    issuer: str = ""
    trust_config: str = ""


def verify_model(model: str, signature: str, signer: Signer, *, ignore_unsigned: bool = False) -> str:
    """Say in one line why the model does not fit the signature; the empty string when it does.

    Raises UsageError when the library is missing or the signer is not told.
    """
    config = _configured(_library(), signer)
    config.set_ignore_unsigned_files(ignore_unsigned)
    try:
        config.verify(Path(model), Path(signature))
    except (ValueError, OSError, KeyError, TypeError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def _library() -> Any:
    try:
        from model_signing import verifying
    except ImportError as error:
        raise UsageError(
            f"verification needs the library model-signing ({error})", "pip install 'bartizan[signing]'"
        ) from None
    return verifying


def _configured(library: Any, signer: Signer) -> Any:
    ways = [bool(signer.public_key), bool(signer.certificates), bool(signer.identity)]
    if sum(ways) != 1:
        raise UsageError("say who must have signed: one of --public-key, --certificate, or --identity with --issuer")
    config = library.Config()
    if signer.public_key:
        return config.use_elliptic_key_verifier(public_key=Path(signer.public_key))
    if signer.certificates:
        return config.use_certificate_verifier(certificate_chain=[Path(path) for path in signer.certificates])
    if not signer.issuer:
        raise UsageError("--identity needs --issuer")
    trust = Path(signer.trust_config) if signer.trust_config else None
    return config.use_sigstore_verifier(identity=signer.identity, oidc_issuer=signer.issuer, trust_config=trust)
