"""The proof (验证): a definition that could break the law is not accepted, and the shortest path to the breach is shown."""

from workflow.prover.accept import Proved, accept_proved, prove_together, proved, read_by_themselves
from workflow.prover.faults import Fault, Proof
from workflow.prover.moves import openings_of

__all__ = ["Fault", "Proof", "Proved", "accept_proved", "openings_of", "prove_together", "proved", "read_by_themselves"]
