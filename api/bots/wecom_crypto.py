"""What WeCom signs and encrypts its callbacks with: SHA-1 over sorted parts, AES-256-CBC.

https://developer.work.weixin.qq.com/document/path/90968
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_KEY_CHARS, _KEY_BYTES = 43, 32
# Not AES's own sixteen: WeCom pads to blocks of 32.
_BLOCK = 32
_RANDOM, _LENGTH = 16, 4


class WrongSignatureError(Exception):
    """Not signed with our token."""


class BrokenCiphertextError(Exception):
    """Signed, but not encrypted with our key."""


class ForeignReceiverError(Exception):
    """Encrypted for another corp."""


class WecomCrypto:
    """Opens callbacks of one corp; raises ``ValueError`` for a key that is none."""

    def __init__(self, token: str, aes_key: str, corp_id: str) -> None:
        if len(aes_key) != _KEY_CHARS or not aes_key.isalnum() or not aes_key.isascii():
            raise ValueError("an EncodingAESKey has 43 letters and digits")
        # The last sign has bits that the key does not use.
        self._key = base64.b64decode(f"{aes_key}=")
        assert len(self._key) == _KEY_BYTES
        self._token = token
        self._corp_id = corp_id

    def opened(self, signature: str, timestamp: str, nonce: str, encrypted: str) -> str:
        """The text of what was encrypted.

        Raises ``WrongSignatureError``, before anything is decrypted, ``BrokenCiphertextError`` or
        ``ForeignReceiverError``.
        """
        signed = "".join(sorted((self._token, timestamp, nonce, encrypted))).encode()
        # WeCom signs so; with a secret in what is signed SHA-1 still holds.
        expected = hashlib.sha1(signed)  # nosec B324
        if not hmac.compare_digest(expected.hexdigest().encode(), signature.encode()):
            raise WrongSignatureError
        text, receiver = self._split(self._decrypted(encrypted))
        if receiver != self._corp_id.encode():
            raise ForeignReceiverError
        try:
            return text.decode("utf-8")
        except ValueError as error:
            raise BrokenCiphertextError from error

    def _decrypted(self, encrypted: str) -> bytes:
        try:
            ciphertext = base64.b64decode(encrypted, validate=True)
            decryptor = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
            padded = decryptor.update(ciphertext) + decryptor.finalize()
        except ValueError as error:
            raise BrokenCiphertextError from error
        padding = padded[-1:]
        count = int.from_bytes(padding)
        if not 1 <= count <= _BLOCK or padded[-count:] != padding * count:
            raise BrokenCiphertextError
        return padded[:-count]

    def _split(self, plain: bytes) -> tuple[bytes, bytes]:
        """The text and the receiver behind sixteen random bytes and the text's length."""
        start = _RANDOM + _LENGTH
        length = int.from_bytes(plain[_RANDOM:start])
        if len(plain) < start or len(plain) < start + length:
            raise BrokenCiphertextError
        return plain[start : start + length], plain[start + length :]
