"""The Ed25519 key that signs the journal's heads: its file, signing, checking.

The file is a PKCS 8 PEM, readable by its owner alone. A public key is written as 64 hexadecimal
digits, which is the raw key of RFC 8032.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from server.journal.disk import sync_directory
from server.journal.errors import JournalUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PUBLIC_BYTES = 32


class KeyUnusable(JournalUnusable):
    """The key file holds no Ed25519 key, or cannot be read or made."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"签名密钥文件（journal.key_file）不可用：{path}：{why}",
            f"the signing key's file (journal.key_file) cannot be used: {path}: {why}",
        )


class SigningKey:
    """A private key, and its `public` key in hexadecimal."""

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self.public = private.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def is_signed(message: bytes, signature: bytes, public: str) -> bool:
    """Whether the owner of `public` signed the message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def parse_public(text: str) -> str:
    """A public key as digits, or the name of a file that holds them. Raises `ValueError`."""
    path = Path(text).expanduser()
    digits = (path.read_text("ascii") if path.is_file() else text).strip().lower()
    if len(bytes.fromhex(digits)) != PUBLIC_BYTES:
        raise ValueError(f"a public key has {2 * PUBLIC_BYTES} hexadecimal digits")
    return digits


def create_key(path: Path) -> SigningKey:
    """A new key in a new file. Raises `FileExistsError` and other `OSError`."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    text = private.private_bytes(
        forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, text)
        os.fsync(file)
    finally:
        os.close(file)
    sync_directory(path.parent)
    return SigningKey(private)


def load_key(path: Path) -> SigningKey:
    """Raises `KeyUnusable`, and `FileNotFoundError` when there is none."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError:
        raise
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnusable(path, str(error)) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyUnusable(path, "not an Ed25519 key")
    return SigningKey(private)


def load_or_create_key(path: Path) -> SigningKey:
    """Raises `KeyUnusable`."""
    try:
        return load_key(path)
    except FileNotFoundError:
        pass
    try:
        return create_key(path)
    except OSError as error:
        raise KeyUnusable(path, str(error)) from error
