"""Our side of WeCom's encryption against its own sample and another's code (wechatpy)."""

import base64

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from api.bots.wecom_crypto import (
    BrokenCiphertextError,
    ForeignReceiverError,
    WecomCrypto,
    WrongSignatureError,
)
from tests.api.bots.wecom_double import AES_KEY, CORP, TOKEN, encrypted, signed

CRYPTO = WecomCrypto(TOKEN, AES_KEY, CORP)


def opened(secret: str, crypto: WecomCrypto = CRYPTO) -> str:
    query = signed(secret)
    return crypto.opened(query["msg_signature"], query["timestamp"], query["nonce"], secret)


def test_the_sample_of_wecom_s_documentation_is_opened() -> None:
    token = "hJqcu3uJ9Tn2gXPmxx2w9kkCkCE2EPYo"
    key = "6qkdMrq68nTKduznJYO1A37W2oEgpkMUvkttRToqhUt"
    echo = (
        "fsi1xnbH4yQh0+PJxcOdhhK6TDXkjMyhEPA7xB2TGz6b+g7xyAbEkRxN/3cNXW9qdqjnoVzEtpbhnFyq6SVHyA=="
    )
    crypto = WecomCrypto(token, key, "ww1436e0e65a779aee")
    signature = "012bc692d0a58dd4b10f8dfe5c4ac00ae211ebeb"
    assert crypto.opened(signature, "1476416373", "47744683", echo) == "1288432023552776189"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_what_another_s_code_encrypts_is_opened(text: str) -> None:
    assert opened(encrypted(text)) == text


def test_nothing_is_decrypted_before_the_signature_is_right() -> None:
    with pytest.raises(WrongSignatureError):
        CRYPTO.opened("0" * 40, "1", "n", "no base64 at all")


def test_another_corp_s_message_is_told_from_a_broken_one() -> None:
    with pytest.raises(ForeignReceiverError):
        opened(encrypted("x", corp="wwSTRANGER"))
    with pytest.raises(ForeignReceiverError):
        opened(encrypted("x", corp=f"{CORP}x"))


def padded(plain: bytes, padding: bytes) -> str:
    key = base64.b64decode(f"{AES_KEY}=")
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + padding) + encryptor.finalize()).decode()


@pytest.mark.parametrize(
    "secret",
    [
        padded(b"r" * 16 + b"\0\0\0\1x" + b"c" * 11, b""),
        padded(b"r" * 31, b"\0"),
        padded(b"r" * 31, b"\x21"),
        padded(b"r" * 28, b"\1\2\3\4"),
        padded(b"r" * 16, b"\x10" * 16),
        padded(b"r" * 16 + b"\xff\xff\xff\xff" + CORP.encode()[:10], b"\2" * 2),
        padded(b"r" * 16 + b"\0\0\0\1\xff" + CORP.encode(), b"\x0b" * 11),
        "YWJj",
        "=",
        "é",
    ],
    ids=[
        "no_padding",
        "zero",
        "thirty_three",
        "uneven",
        "no_length",
        "too_long",
        "no_utf8",
        "no_block",
        "no_base64",
        "no_ascii",
    ],
)
def test_what_is_not_encrypted_as_wecom_does_is_refused(secret: str) -> None:
    with pytest.raises(BrokenCiphertextError):
        opened(secret)


@pytest.mark.parametrize("key", ["", "a" * 42, "a" * 44, "a" * 42 + "=", "a" * 42 + "é"])
def test_a_key_has_forty_three_letters_and_digits(key: str) -> None:
    with pytest.raises(ValueError, match="43 letters and digits"):
        WecomCrypto("t", key, CORP)
