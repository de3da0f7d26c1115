"""Seals by mail (库外封存): their very lines of the file of seals, to somebody who keeps them where nobody alters both.

Nothing here is part of a step or of a seal: however long a mail server is silent, only this pass waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from notices.channel import Channel, Letter, Undelivered
from storage.connection import instant_from
from storage.seal_parcels import Parcel
from workflow.case import moment
from workflow.text import Text

FILE = "seals.jsonl"


class Leaving(Protocol):
    """What a pass needs of `Desk.parcels`."""

    def take(self) -> Parcel | None: ...

    def arrived(self, parcel: Parcel) -> None: ...

    def failed(self, code: str, *, for_good: bool = False) -> None: ...


class SealMail:
    """Sends what has not yet come to one address, in order; `stop` lets the running pass end with the letter in hand."""

    def __init__(
        self,
        parcels: Callable[[], Leaving],
        channel: Channel,
        address: str,
        bureau: Callable[[], str],
        *,
        for_practice: bool = False,
    ) -> None:
        self._parcels, self._channel, self._address = parcels, channel, address.strip()
        self._bureau, self._for_practice = bureau, for_practice
        self._stopping = threading.Event()
        self.__name__ = "seal --mail"  # what is typed to see why it failed

    def stop(self) -> None:
        """No further letter is taken."""
        self._stopping.set()

    def __call__(self) -> int:
        """One pass; the number of the last seal that was sent, 0 where none waited. Raises Undelivered, and what `take` raises."""
        parcels, last = self._parcels(), 0
        parcel = parcels.take()
        if parcel is None:  # no server is called for nothing
            return last
        with self._channel.line() as line:
            while parcel is not None:
                try:
                    line.send(self._letter(parcel))
                except Undelivered as fault:
                    parcels.failed(fault.code, for_good=fault.for_good)
                    raise
                except Exception:
                    parcels.failed("fault")
                    raise
                parcels.arrived(parcel)
                last = parcel.last.no
                parcel = None if self._stopping.is_set() else parcels.take()
        return last

    def _letter(self, parcel: Parcel) -> Letter:
        """The message: what the last of its seals says, and the lines to be kept."""
        seal = parcel.last
        numbers = str(seal.no) if parcel.first == seal.no else f"{parcel.first}–{seal.no}"
        facts = {"bureau": self._bureau(), "numbers": numbers, "file": FILE, "local": moment(instant_from(seal.at))}
        facts |= {name: getattr(seal, name) for name in ("no", "at", "cases", "events", "hash")}
        subject = _SUBJECT.filled(**facts)
        if self._for_practice:
            subject = _PRACTICE.filled(text=subject)
        return Letter(
            key=parcel.key,
            name="",
            address=self._address,
            subject=f"{subject.zh} · {subject.en}",
            body=f"{_BODY.filled(**facts).zh}\n\n{_BODY.filled(**facts).en}\n",
            at=instant_from(seal.at),
            file=(FILE, parcel.lines),
        )


_SUBJECT = Text("公开 {bureau} 第 {numbers} 号封存", "gongkai, seal {numbers}")
_PRACTICE = Text("［演练］{text}", "[practice] {text}")
_BODY = Text(
    "{bureau}办理记录第 {no} 号封存\n时刻：{local}（{at}）\n事项 {cases} 件，办理记录 {events} 条\n校验值：{hash}\n\n"
    "附件 {file} 是本次新增的封存（第 {numbers} 号），逐行原样。请按号依次追加到您保存的同名文件，与本单位的数据库分开保管；"
    "同一号收到两次的，只留一行；两次内容不同或号码不连续的，请查问。核验：gongkai verify --seals {file}",
    "Seal {no} of the record of {bureau}\nAt: {local} in Shanghai ({at})\n{cases} case(s), {events} event(s)\nHash: {hash}\n\n"
    "{file}, with this letter, holds the new seals (no. {numbers}), each its very line. Add them in the order of their numbers to your "
    "file of this name, and keep that apart from the bureau's database. Of a number that comes twice keep one line; where the two "
    "differ, or a number is missing, ask why. To verify: gongkai verify --seals {file}",
)
