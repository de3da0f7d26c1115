"""An event has one hash: put together from its row as it is stored, or taken from the event that is read from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storage.rows import event_row
from workflow.case import Event, StateName, TransitionName
from workflow.ledger import COMMENT, chained, stored_hash

#: What can be stored: no half of a surrogate pair; composed and decomposed characters, quotes, controls.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["e\u0301", "\u1112\u1161", '"\\/', "\u2028", "\x7f\x00\n", "王敏", '{"#":"x"}']
)
NAMES = st.from_regex(r"[a-z_]{1,8}(\.[a-z]{1,4})?", fullmatch=True)
VALUES = TEXTS | st.integers(-(2**62), 2**62) | st.booleans() | st.none()
HASHES = st.sampled_from(["", "00" * 32, "ab" * 32])


@st.composite
def events(draw: st.DrawFn) -> Event:
    data = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    comment = draw(st.none() | TEXTS)
    form = draw(st.sampled_from([1, 2]))
    names = [name for name, value in data.items() if value is not None and draw(st.booleans())] if form == 2 else []
    if form == 2 and comment is not None:
        names.append(COMMENT)
    return Event(
        case_id=draw(TEXTS),
        seq=draw(st.integers(1, 10**6)),
        at=datetime(2026, 3, 2, tzinfo=UTC) + timedelta(microseconds=draw(st.integers(0, 10**12))),
        actor=draw(TEXTS),
        actor_name=draw(TEXTS),
        on_behalf_of=draw(st.none() | TEXTS),
        via=draw(TEXTS),
        transition=TransitionName(draw(NAMES)),
        source=draw(st.none() | NAMES.map(StateName)),
        target=StateName(draw(NAMES)),
        data=data,
        comment=comment,
        automatic=draw(st.booleans()),
        definition=draw(TEXTS),
        request_id=draw(st.none() | TEXTS),
        form=form,
        salts=dict.fromkeys(names, "5a" * 16),
    )


@given(events(), HASHES)
def test_the_row_of_an_event_gives_the_hash_that_the_event_has(event: Event, previous: str) -> None:
    told = chained(event, previous)

    row = event_row(told, "bureau")

    assert told.hash == stored_hash(
        row["form"], row["case_id"], row["seq"], row["at"], row["actor"], row["actor_name"], row["on_behalf_of"], row["via"],
        row["transition"], row["source"], row["target"], row["data"], row["comment"], row["automatic"], row["definition"],
        row["request_id"], row["previous"],
    )  # fmt: skip
