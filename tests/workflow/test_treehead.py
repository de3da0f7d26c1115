"""The head of the tree: what RFC 9162 §2.1.1 says of every size, computed as its text has it and not as the product does."""

from __future__ import annotations

from hashlib import sha256

import pytest

from workflow.treehead import grown, head

EVENTS = [sha256(bytes([each])).hexdigest() for each in range(40)]


def as_the_rfc_says(leaves: list[str]) -> bytes:
    """MTH: of one leaf 0x00 and the leaf, of more 0x01 and the heads of both sides; the left is the largest power of two."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + bytes.fromhex(leaves[0])).digest()
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha256(b"\x01" + as_the_rfc_says(leaves[:left]) + as_the_rfc_says(leaves[left:])).digest()


@pytest.mark.parametrize("size", range(len(EVENTS)))
def test_the_head_is_that_of_the_rfc(size: int) -> None:
    assert head(grown(0, (), EVENTS[:size])[1]) == as_the_rfc_says(EVENTS[:size]).hex()


@pytest.mark.parametrize("cut", range(20))
def test_a_tree_that_grows_in_two_goes_is_the_tree_that_grew_in_one(cut: int) -> None:
    assert grown(*grown(0, (), EVENTS[:cut]), EVENTS[cut:]) == grown(0, (), EVENTS)
