"""The triggers by which the record only grows (只增不改), as the migrations make them: by name and digest, for a file and for a server.

A trigger that does nothing is as good as none, and another's may swallow what is written: what they say is compared, not their names.
A test holds both lists to a database just made, and to one brought up from the first release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Triggers:
    """Those of ours that are gone, or are not what they were, and those of somebody else; each by its table and its name."""

    gone: tuple[str, ...]
    altered: tuple[str, ...]
    foreign: tuple[str, ...]


def compared(found: Mapping[str, str], made: Mapping[str, str]) -> Triggers:
    """What is there, held against what the migrations make."""
    return Triggers(
        gone=tuple(sorted(made.keys() - found.keys())),
        altered=tuple(name for name in sorted(made.keys() & found.keys()) if digest(found[name]) != made[name]),
        foreign=tuple(sorted(found.keys() - made.keys())),
    )


def digest(said: str) -> str:
    """By what a trigger is known: its statement; on a server with its function, and whether it is in force."""
    return sha256(said.encode()).hexdigest()[:32]


OF_A_FILE: dict[str, str] = {
    "attachments.tr_attachments_no_delete": "50af628637d33d2686e333900d1ea494",
    "attachments.tr_attachments_no_update": "7c1d4599ee6243b71a091126dd10509f",
    "cases.tr_cases_no_delete": "93760da03678c5bd9b0eee9e98caea9e",
    "cases.tr_cases_no_update": "bd6117879ef64691aaaa96e030448a60",
    "counters.tr_counters_no_delete": "38a53abcf490e6c0bbdd4ffcafbad2ef",
    "counters.tr_counters_no_update": "81c34410802a1838c9d34c9db48f4efc",
    "definitions.tr_definitions_no_delete": "4dd2d3cf7e4d98cc7f4d3cbd543dbb85",
    "definitions.tr_definitions_no_update": "ebfba3e4b1dea1959ed0e5e8a9da47fe",
    "entries.tr_entries_no_delete": "8000a261a8394ae4ecd18caa5028bca1",
    "entries.tr_entries_no_update": "635012595bcc195bfa8b37f8207b05be",
    "events.tr_events_no_delete": "b99db68cce7b4ff47b72842782a674b5",
    "events.tr_events_no_update": "2106695c2762032eb4f9e41bc240b255",
    "post_changes.tr_post_changes_no_delete": "035e31054466c6336cb9a0a260cddf62",
    "post_changes.tr_post_changes_no_update": "2f38d827a2fcd2fc88db61be6cbee56b",
    "same_people.tr_same_people_no_delete": "c376b73832fe84c0bd4a7fed6a6fc805",
    "same_people.tr_same_people_no_update": "3caa844dcdc3b5d52f74da880cb6b25e",
    "seals.tr_seals_no_delete": "700bf9f1351812ae74e30dcf8c740420",
    "seals.tr_seals_no_update": "b6928a0a6fd5902bcedb6e2c84471bad",
}
OF_A_SERVER: dict[str, str] = {
    "attachments.tr_attachments_kept": "1425c98b8d1e2b6afa8e7601c4ed6869",
    "attachments.tr_attachments_unchanged": "c3ee96e5d1c4bec4330f73982d904e05",
    "cases.tr_cases_kept": "ceb71461dedc70463190d98040fe1de7",
    "cases.tr_cases_unchanged": "2a94438ef67e93c5800aef887c931392",
    "counters.tr_counters_kept": "d6aa48ea60c6f2bd320a50b4107ffd54",
    "counters.tr_counters_unchanged": "63adeaf3e75f9d18682628e0dbb31dd9",
    "definitions.tr_definitions_kept": "da0786c5e134d6cdc817aea1a4b3757a",
    "definitions.tr_definitions_unchanged": "1c3cecb628c407f06ba941f48acddb36",
    "entries.tr_entries_kept": "c207f1c3b088b09b9638a34cd9947f7b",
    "entries.tr_entries_unchanged": "940c55d31b859a5c583633376d9821c6",
    "events.tr_events_kept": "676540be47552884c635837a4fba8559",
    "events.tr_events_unchanged": "e242eb5399c541911097fabbd48d980b",
    "post_changes.tr_post_changes_kept": "2ea0af620268b09ada8c6a8c4d02120c",
    "same_people.tr_same_people_kept": "39f7a324f015a28e892e1b118d5ba13d",
    "seals.tr_seals_kept": "595ec1b957f3feb6a1e1c5a31a749669",
}
