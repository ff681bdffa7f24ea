"""Certificates for tests, made by openssl."""

from __future__ import annotations

import subprocess
from pathlib import Path


def make_certificates(openssl: str, place: Path) -> None:
    """An authority (`ca.pem`), and certificates and keys of a `server` and of a `client`."""

    def made(*words):
        subprocess.run([openssl, *words], cwd=place, check=True, capture_output=True)

    key = ("-newkey", "rsa:2048", "-nodes", "-keyout")
    usage = ("-addext", "keyUsage=critical,keyCertSign,cRLSign")  # which newer versions of Python ask for
    made("req", "-x509", *key, "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=authority", *usage)
    extensions = "subjectAltName=IP:127.0.0.1\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    for name in ("server", "client"):
        (place / f"{name}.ext").write_text(extensions, encoding="utf-8")
        made("req", *key, f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2")
        made("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem", "-extfile", f"{name}.ext")
