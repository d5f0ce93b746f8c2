"""Reads the names of a certificate."""

from __future__ import annotations

from functools import lru_cache

_MAX_NAMES = 100


@lru_cache(maxsize=1024)
def certificate_names(der: bytes) -> tuple[str, ...]:
    """DNS names and addresses that a certificate is for, its common name first; nothing for a damaged one."""
    if not der:
        return ()
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    names: dict[str, None] = {}
    try:
        certificate = x509.load_der_x509_certificate(der)
        for attribute in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME):
            value = str(attribute.value)
            if "." in value and " " not in value:
                names[value.lower()[:253]] = None
        try:
            extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        except x509.ExtensionNotFound:
            return tuple(names)
        for name in extension.value:
            if isinstance(name, x509.DNSName | x509.IPAddress):
                names[str(name.value).lower()[:253]] = None
    except ValueError:
        pass
    return tuple(names)[:_MAX_NAMES]
