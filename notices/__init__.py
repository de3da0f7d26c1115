"""What leaves the house: notices from the outbox, by the channels that were set up (mail so far)."""

from notices.channel import Channel, Letter, Line, Undelivered
from notices.deliver import Delivery, Passed
from notices.seals import SealMail

__all__ = ["Channel", "Delivery", "Letter", "Line", "Passed", "SealMail", "Undelivered"]
