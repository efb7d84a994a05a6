# SPDX-License-Identifier: Apache-2.0
# Certificates for a service: a good one, and those that clients must refuse.
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class TlsFiles:
    authority: str
    certificate: str
    key: str


KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")  # quickly made


def run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def tls_files(directory, kind="good"):
    """Made once per folder. `kind`: good, other_name, expired, self_signed, client or stranger; `authority` has
    signed all but self_signed."""
    folder = Path(directory) / f"tls-{kind}"
    files = TlsFiles(*(str(folder / name) for name in ("authority.pem", "certificate.pem", "key.pem")))
    if folder.exists():
        return files
    folder.mkdir(parents=True)
    name = "elsewhere.example" if kind == "other_name" else "localhost"
    names = "subjectAltName=DNS:elsewhere.example" if kind == "other_name" else "subjectAltName=DNS:localhost,IP:127.0.0.1"
    authority_key = folder / "authority.key"
    run("openssl", "req", "-x509", *KEY, "-nodes", "-days", "30", "-subj", "/CN=Test Authority",
        "-keyout", authority_key, "-out", files.authority)
    if kind == "self_signed":
        run("openssl", "req", "-x509", *KEY, "-nodes", "-days", "30", "-subj", f"/CN={name}", "-addext",
            names, "-keyout", files.key, "-out", files.certificate)
    else:
        request, extensions = folder / "request.pem", folder / "extensions"
        extensions.write_text(names + "\n")
        run("openssl", "req", *KEY, "-nodes", "-subj", f"/CN={name}", "-keyout", files.key, "-out",
            request)
        days = "0" if kind == "expired" else "30"
        run("openssl", "x509", "-req", "-in", request, "-CA", files.authority, "-CAkey", authority_key, "-CAcreateserial",
            "-days", days, "-extfile", extensions, "-out", files.certificate)
    Path(files.key).chmod(0o600)
    return files
