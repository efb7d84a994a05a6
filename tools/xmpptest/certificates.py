# SPDX-License-Identifier: Apache-2.0
# Certificates for tests, made by the openssl program: servers sign their own, clients go to an authority (XEP-0178).
import itertools
import subprocess

_numbers = itertools.count(1)
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, stdin=subprocess.DEVNULL)


def make_self_signed(domain, file):
    """A server's key and certificate in one file."""
    key, certificate = file.with_suffix(".key"), file.with_suffix(".crt")
    openssl("req", "-x509", *KEY, "-days", 2, "-subj", f"/CN={domain}", "-addext", f"subjectAltName=DNS:{domain}",
            "-keyout", key, "-out", certificate)
    file.write_bytes(key.read_bytes() + certificate.read_bytes())


class Authority:
    """Its own certificate is ca.pem in the directory; servers that trust it name that file as cacertfile."""

    def __init__(self, directory):
        self.directory, self.file, self._key = directory, directory / "ca.pem", directory / "ca.key"
        if not self.file.exists():
            openssl("req", "-x509", *KEY, "-days", 2, "-subj", "/CN=Test Authority",
                    "-addext", "basicConstraints=critical,CA:TRUE", "-keyout", self._key, "-out", self.file)

    def issue(self, addresses, expired=False, trusted=True, common_name="client"):
        """A file with a key and its certificate, whose names are these XMPP addresses (RFC 6120 §13.7.1.4)."""
        stem = self.directory / f"client{next(_numbers)}"
        key, request, certificate = (stem.with_suffix(suffix) for suffix in (".key", ".csr", ".crt"))
        names, both = stem.with_suffix(".ext"), stem.with_suffix(".pem")
        san = ",".join(f"otherName:1.3.6.1.5.5.7.8.5;UTF8:{address}" for address in addresses)
        san = f"subjectAltName={san}\n" if addresses else ""
        names.write_text(f"{san}extendedKeyUsage=clientAuth\n", encoding="utf-8")
        openssl("req", *KEY, "-subj", f"/CN={common_name}", "-keyout", key, "-out", request)
        signed_by = ["-CA", self.file, "-CAkey", self._key, "-set_serial", next(_numbers)]
        if not trusted:
            signed_by = ["-signkey", key]
        openssl("x509", "-req", "-in", request, *signed_by, "-days", -1 if expired else 2, "-extfile", names,
                "-out", certificate)
        both.write_bytes(key.read_bytes() + certificate.read_bytes())
        return both
