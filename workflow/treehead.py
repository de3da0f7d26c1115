"""The head of a Merkle tree that only grows (RFC 9162 §2.1.1), over the hashes of events in the order of their commits.

What stands in front of a head is said by its peaks: the heads of the full subtrees, the largest first, as the bits of the size
say. A leaf more costs two hashes on average, whatever the size.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256


def leaf(event_hash: str) -> bytes:
    """The hash of a leaf: the event's own hash behind a zero byte."""
    return sha256(b"\x00" + bytes.fromhex(event_hash)).digest()


def grown(size: int, peaks: Sequence[bytes], event_hashes: Iterable[str]) -> tuple[int, tuple[bytes, ...]]:
    """Size and peaks after these events.

    >>> grown(0, (), ["00" * 32])[0]
    1
    """
    stack = list(peaks)
    for each in event_hashes:
        node, rest = leaf(each), size
        while rest & 1:
            node = sha256(b"\x01" + stack.pop() + node).digest()
            rest >>= 1
        stack.append(node)
        size += 1
    return size, tuple(stack)


def head(peaks: Sequence[bytes]) -> str:
    """The head of the tree, in hexadecimal; of no events the hash of nothing."""
    if not peaks:
        return sha256().hexdigest()
    node = peaks[-1]
    for each in reversed(peaks[:-1]):
        node = sha256(b"\x01" + each + node).digest()
    return node.hex()
