"""Base58 as Bitcoin writes it, with multibase's ``z`` before it; Ed25519 public keys as multikeys.

W3C, Controlled Identifiers 1.0, sections 2.4 (Multibase) and 2.2.2 (Multikey): 0xed 0x01 stands before the key.
"""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519 = b"\xed\x01"
KEY_BYTES = 32


def encoded(data: bytes) -> str:
    """Return bytes as multibase base58btc."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + ALPHABET[0] * zeros + text


def decoded(text: str) -> bytes:
    """Return the bytes of multibase base58btc; raises ``ValueError`` for anything else."""
    if not text.startswith("z") or len(text) > 200:
        raise ValueError("not base58btc")
    number, digits = 0, text[1:]
    for digit in digits:
        number = number * 58 + ALPHABET.index(digit)
    zeros = len(digits) - len(digits.lstrip(ALPHABET[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def multikey(public: bytes) -> str:
    """Return an Ed25519 public key as a multikey: ``z6Mk…``."""
    return encoded(ED25519 + public)


def public_bytes(key: str) -> bytes:
    """Return the 32 bytes of an Ed25519 multikey; raises ``ValueError`` for what is none."""
    data = decoded(key)
    if data[:2] != ED25519 or len(data) != len(ED25519) + KEY_BYTES:
        raise ValueError("not an Ed25519 multikey")
    return data[2:]
