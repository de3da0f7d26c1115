"""Encryption of a backup: AES-256 in GCM, piece by piece, under a key of its own for each file.

The file's key comes from the secret and the file's salt (scrypt). A piece is bound to its place, to whether it is the last
and to what the file says of itself: no piece can be changed, left out, moved or taken from another file unseen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1 << 20  # bytes that are encrypted at a time
TAG = 16  # bytes by which a piece grows
SALT = 16
#: scrypt's work: 32 MiB and 0.1 s for each guess of a secret.
_WORK = {"n": 1 << 15, "r": 8, "p": 1, "maxmem": 1 << 26}

Turn = Callable[[bytes, bytes, bytes], bytes]  # nonce, piece, what is bound to it


class WrongKey(Exception):
    """This secret does not open this file."""


def encrypted(content: Iterable[bytes], secret: bytes, salt: bytes, said: bytes) -> Iterator[bytes]:
    """The content as nobody reads it without the secret; `said` is bound to it."""
    yield from _turned(_cipher(secret, salt).encrypt, pieces(content, PIECE), said)


def decrypted(content: Iterable[bytes], secret: bytes, salt: bytes, said: bytes) -> Iterator[bytes]:
    """The content again. Raises WrongKey, and for whatever was changed."""
    from cryptography.exceptions import InvalidTag

    try:
        yield from _turned(_cipher(secret, salt).decrypt, pieces(content, PIECE + TAG), said)
    except InvalidTag as error:
        raise WrongKey from error


def pieces(content: Iterable[bytes], length: int) -> Iterator[tuple[bytes, bool]]:
    """The content in pieces of this length, each with whether it is the last; the last may be shorter, and empty.

    >>> list(pieces([b"ab", b"cde", b"f"], 2))
    [(b'ab', False), (b'cd', False), (b'ef', True)]
    >>> list(pieces([], 2))
    [(b'', True)]
    """
    held = bytearray()
    for part in content:
        held += part
        while len(held) > length:
            yield bytes(held[:length]), False
            del held[:length]
    yield bytes(held), True


def _turned(turn: Turn, parts: Iterable[tuple[bytes, bool]], said: bytes) -> Iterator[bytes]:
    places = count()
    for part, is_last in parts:
        yield turn(next(places).to_bytes(11, "big") + bytes([is_last]), part, said)


def _cipher(secret: bytes, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hashlib.scrypt(secret, salt=salt, dklen=32, **_WORK))
