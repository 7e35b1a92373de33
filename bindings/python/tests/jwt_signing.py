"""Keys that sign JSON Web Tokens, as a client has them, or a platform."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils


def encode(value: bytes | dict[str, Any]) -> str:
    data = json.dumps(value).encode() if isinstance(value, dict) else value
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A private key for one algorithm."""

    def __init__(self, algorithm: str) -> None:
        self.algorithm, self.kid = algorithm, f"key-of-{algorithm.lower()}"
        self._key: Any
        if algorithm in ("RS256", "PS256"):
            self._key = rsa.generate_private_key(65537, 2048)
        elif algorithm == "EdDSA":
            self._key = ed25519.Ed25519PrivateKey.generate()
        else:
            curve = ec.SECP256R1() if algorithm == "ES256" else ec.SECP384R1()
            self._key = ec.generate_private_key(curve)

    @property
    def pem(self) -> str:
        form = serialization.PrivateFormat.PKCS8
        none = serialization.NoEncryption()
        return self._key.private_bytes(serialization.Encoding.PEM, form, none).decode()  # type: ignore[no-any-return]

    @property
    def public_jwk(self) -> dict[str, Any]:
        named = {"kid": self.kid, "alg": self.algorithm, "use": "sig"}
        public = self._key.public_key()
        if isinstance(public, rsa.RSAPublicKey):
            numbers = public.public_numbers()
            return {**named, "kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
        if isinstance(public, ed25519.Ed25519PublicKey):
            return {**named, "kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}
        point, size = public.public_numbers(), (public.key_size + 7) // 8
        curve = f"P-{public.key_size}"
        x, y = number(point.x, size), number(point.y, size)
        return {**named, "kty": "EC", "crv": curve, "x": x, "y": y}

    @property
    def private_jwk(self) -> dict[str, Any]:
        if isinstance(self._key, rsa.RSAPrivateKey):
            own = self._key.private_numbers()
            parts = {"d": own.d, "p": own.p, "q": own.q, "dp": own.dmp1, "dq": own.dmq1}
            more = {name: number(value) for name, value in {**parts, "qi": own.iqmp}.items()}
        elif isinstance(self._key, ed25519.Ed25519PrivateKey):
            more = {"d": encode(self._key.private_bytes_raw())}
        else:
            size = (self._key.key_size + 7) // 8
            more = {"d": number(self._key.private_numbers().private_value, size)}
        return {**self.public_jwk, **more}

    def sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        times = {"iat": now, "exp": now + 600, "jti": str(uuid.uuid4())}
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        signed = f"{encode(header)}.{encode({**times, **claims})}"
        return f"{signed}.{encode(self._signature(signed.encode()))}"

    def _signature(self, signed: bytes) -> bytes:
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(signed)
        if isinstance(self._key, ec.EllipticCurvePrivateKey):
            size = (self._key.key_size + 7) // 8
            digest = hashes.SHA256() if size == 32 else hashes.SHA384()
            r, s = utils.decode_dss_signature(self._key.sign(signed, ec.ECDSA(digest)))
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        salt = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        form = salt if self.algorithm == "PS256" else padding.PKCS1v15()
        signature: bytes = self._key.sign(signed, form, hashes.SHA256())
        return signature
