"""Scenarios (情景) played through the real desk on a clock of their own: what a definition does, told as stories."""

from rehearsal.coverage import Coverage, covered
from rehearsal.play import Failure, Played, Shown, play
from rehearsal.stage import Bureau, bureau_of

__all__ = ["Bureau", "Coverage", "Failure", "Played", "Shown", "bureau_of", "covered", "play"]
