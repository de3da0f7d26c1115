"""Where a new version asks less than the old one (放宽).

`found` goes through a definition part by part, `clocks` through what a clock does, `wider` compares conditions by the data that
they let through.
"""

from workflow.weaker.found import Weaker, weaker
from workflow.weaker.wider import Trials, widened

__all__ = ["Trials", "Weaker", "weaker", "widened"]
