"""The triggers by which the record only grows (只增不改), and the indexes by which nothing is there twice, as the migrations make them.

Each by name and digest, for a file and for a server; the keys of a file are part of its tables, and go where one is made anew.

A trigger that does nothing is as good as none, and another's may swallow what is written: what they say is compared, not their names.
A test holds both lists to a database just made, and to one brought up from the first release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Triggers:
    """Those of ours that are gone, or are not what they were, and those of somebody else; each by its table and its name.

    And the tables of a server that a crash empties, and those of which it may keep rows back.
    """

    gone: tuple[str, ...]
    altered: tuple[str, ...]
    foreign: tuple[str, ...]
    unlogged: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()


def compared(found: Mapping[str, str], made: Mapping[str, str]) -> Triggers:
    """What is there, held against what the migrations make."""
    return Triggers(
        gone=tuple(sorted(made.keys() - found.keys())),
        altered=tuple(name for name in sorted(made.keys() & found.keys()) if digest(found[name]) != made[name]),
        foreign=tuple(sorted(found.keys() - made.keys())),
    )


def digest(said: str) -> str:
    """By what one is known: its statement; on a server with its function, and whether it is in force."""
    return sha256(said.encode()).hexdigest()[:32]


OF_A_FILE: dict[str, str] = {
    "absences.PRIMARY KEY": "87e7501999f38dc3e81427bccf0ba182",
    "addresses.PRIMARY KEY": "37d187ce26d4ee0943dba8784869a831",
    "alembic_version.PRIMARY KEY": "dc15538db5b3807494c9181496b3c7bf",
    "appointments.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "attachments.PRIMARY KEY": "f37b3f935ba485595e2dcf12f8708714",
    "attachments.tr_attachments_no_delete": "50af628637d33d2686e333900d1ea494",
    "attachments.tr_attachments_no_update": "7c1d4599ee6243b71a091126dd10509f",
    "bureaus.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "calendar_days.PRIMARY KEY": "d1a38702a649b28b972fd519dc17c470",
    "calendar_years.PRIMARY KEY": "42476d25313de6d96a5dcf3b8b5443ad",
    "cases.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "cases.UNIQUE (bureau,number)": "e3b0c44298fc1c149afbf4c8996fb924",
    "cases.tr_cases_no_delete": "93760da03678c5bd9b0eee9e98caea9e",
    "cases.tr_cases_no_update": "bd6117879ef64691aaaa96e030448a60",
    "counters.PRIMARY KEY": "13b8dd198d9c259e6a432903291f8c40",
    "counters.tr_counters_no_delete": "38a53abcf490e6c0bbdd4ffcafbad2ef",
    "counters.tr_counters_no_update": "81c34410802a1838c9d34c9db48f4efc",
    "deadlines.PRIMARY KEY": "24dba530a076a9eac4a2f924def7b98d",
    "definitions.PRIMARY KEY": "7ab6fcf7fbdfef87618ba87f5452ed8f",
    "definitions.UNIQUE (id,version)": "e3b0c44298fc1c149afbf4c8996fb924",
    "definitions.tr_definitions_no_delete": "4dd2d3cf7e4d98cc7f4d3cbd543dbb85",
    "definitions.tr_definitions_no_update": "ebfba3e4b1dea1959ed0e5e8a9da47fe",
    "entries.PRIMARY KEY": "c50828e1dd0e8b9b8194d40961a83902",
    "entries.tr_entries_no_delete": "8000a261a8394ae4ecd18caa5028bca1",
    "entries.tr_entries_no_update": "635012595bcc195bfa8b37f8207b05be",
    "entries.uq_entries_nature": "db8212d743d24483ea6808e9c0ab93d3",
    "events.PRIMARY KEY": "f5240b22de7a64f08375a73b7e8d45fa",
    "events.tr_events_no_delete": "b99db68cce7b4ff47b72842782a674b5",
    "events.tr_events_no_update": "2106695c2762032eb4f9e41bc240b255",
    "events.uq_events_request": "96e35da819f961d1864787169600e961",
    "likenesses.PRIMARY KEY": "5c51dd184ca79555f6dda19ac5af82fc",
    "links.PRIMARY KEY": "dc7f03c440d1979071cf0d9340719d0b",
    "meta.PRIMARY KEY": "9f5d88e5083758e628cc9c9b880d93f1",
    "notices.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "outbox.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "outbox.UNIQUE (notice,channel)": "e3b0c44298fc1c149afbf4c8996fb924",
    "people.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "people.UNIQUE (login)": "e3b0c44298fc1c149afbf4c8996fb924",
    "post_changes.PRIMARY KEY": "c50828e1dd0e8b9b8194d40961a83902",
    "post_changes.tr_post_changes_no_delete": "035e31054466c6336cb9a0a260cddf62",
    "post_changes.tr_post_changes_no_update": "2f38d827a2fcd2fc88db61be6cbee56b",
    "readings.PRIMARY KEY": "fee610545554b9db21ff13dd38dc1a7a",
    "same_people.PRIMARY KEY": "c50828e1dd0e8b9b8194d40961a83902",
    "same_people.tr_same_people_no_delete": "c376b73832fe84c0bd4a7fed6a6fc805",
    "same_people.tr_same_people_no_update": "3caa844dcdc3b5d52f74da880cb6b25e",
    "seals.PRIMARY KEY": "c50828e1dd0e8b9b8194d40961a83902",
    "seals.tr_seals_no_delete": "700bf9f1351812ae74e30dcf8c740420",
    "seals.tr_seals_no_update": "b6928a0a6fd5902bcedb6e2c84471bad",
    "seats.PRIMARY KEY": "87e7501999f38dc3e81427bccf0ba182",
    "sections.PRIMARY KEY": "5ce249d17e70ad81512ec88acf731526",
    "sections.UNIQUE (bureau,name)": "e3b0c44298fc1c149afbf4c8996fb924",
    "steps.PRIMARY KEY": "ba8eda25f894e522d6710a099778b25b",
    "troubles.PRIMARY KEY": "6b7faafb9e8611ff9ad3197cf1f9e9c1",
}
OF_A_SERVER: dict[str, str] = {
    "absences.absences_pkey": "1e7141a87a10b552a33b90b0d1753e9f",
    "addresses.addresses_pkey": "7526b364ff54923f4807904f0adb42f0",
    "alembic_version.alembic_version_pkc": "1c33e0f7ecbfd558c306105df4a1adc6",
    "appointments.appointments_pkey": "4473ced30a55214e5f1f61e0137f28bc",
    "attachments.attachments_pkey": "be5110e63fdf2bc847a062c1308d88ad",
    "attachments.tr_attachments_kept": "1425c98b8d1e2b6afa8e7601c4ed6869",
    "attachments.tr_attachments_unchanged": "c3ee96e5d1c4bec4330f73982d904e05",
    "bureaus.bureaus_pkey": "53d42c677657ba3cbce98c457b04e9ad",
    "calendar_days.calendar_days_pkey": "88b8bbb12b9d9940a353393d94fe9972",
    "calendar_years.calendar_years_pkey": "4ec5ef6b94ba16876e800147ad10ff7a",
    "cases.cases_pkey": "a45cc003a8b3f793f729998d31f17a24",
    "cases.tr_cases_kept": "ceb71461dedc70463190d98040fe1de7",
    "cases.tr_cases_unchanged": "2a94438ef67e93c5800aef887c931392",
    "cases.uq_cases_number": "bd1c845fa9dd572ec52d2a7760d50d09",
    "counters.counters_pkey": "c5d10925ffcde84da1c29cd4ad889a1f",
    "counters.tr_counters_kept": "d6aa48ea60c6f2bd320a50b4107ffd54",
    "counters.tr_counters_unchanged": "63adeaf3e75f9d18682628e0dbb31dd9",
    "deadlines.deadlines_pkey": "a28b8460ab7a95354bf9384da2c68f5e",
    "definitions.definitions_pkey": "dcd2e9ef6f3f400a42d4befd53f296af",
    "definitions.tr_definitions_kept": "da0786c5e134d6cdc817aea1a4b3757a",
    "definitions.tr_definitions_unchanged": "1c3cecb628c407f06ba941f48acddb36",
    "definitions.uq_definitions_version": "29d3f9fb2b3ba3a3a53b2b542125870e",
    "entries.entries_pkey": "d0d637871155ae634872f5e8b93c1c2e",
    "entries.tr_entries_kept": "c207f1c3b088b09b9638a34cd9947f7b",
    "entries.tr_entries_unchanged": "940c55d31b859a5c583633376d9821c6",
    "entries.uq_entries_nature": "89c5f955659336e7ac36883b4c2f2385",
    "events.events_pkey": "ffe27aebc0c1fcad0de6202eea3763c5",
    "events.tr_events_kept": "676540be47552884c635837a4fba8559",
    "events.tr_events_unchanged": "e242eb5399c541911097fabbd48d980b",
    "events.uq_events_request": "3369acaa14b313fa7d7b8a3d7a20c39b",
    "events.uq_events_row": "52a73546a1828ad37deea31a718b4faf",
    "likenesses.likenesses_pkey": "b7bed3d1e30a7ea0ca3c79a4ae01c97d",
    "links.links_pkey": "e5a1b41b2ff84486f33323908d1fd8c6",
    "meta.meta_pkey": "6ae7dceaf92a374667e5282ec761959b",
    "notices.notices_pkey": "2d2ebd4ac875cd97592e95319a9bd17a",
    "outbox.outbox_pkey": "9ddcae052b2e59e0f63ae9fd4915692c",
    "outbox.uq_outbox_notice": "f797b6c4f99f7431475d41f0dcb49824",
    "people.people_pkey": "2039c2d7e94dd7364662302a190aaef3",
    "people.uq_people_login": "ac2fa969d89d767954cff8849d5178ad",
    "post_changes.post_changes_pkey": "06362417f6c310621787394dfba566bc",
    "post_changes.tr_post_changes_kept": "2ea0af620268b09ada8c6a8c4d02120c",
    "readings.readings_pkey": "b834e0f66dc40a69c5bf0c629a2af9bd",
    "same_people.same_people_pkey": "aaa0433f57aa8b4be905f7dc9e07b6a7",
    "same_people.tr_same_people_kept": "39f7a324f015a28e892e1b118d5ba13d",
    "seals.seals_pkey": "9a2057c0e7661488fccc0d072b67f094",
    "seals.tr_seals_kept": "595ec1b957f3feb6a1e1c5a31a749669",
    "seats.seats_pkey": "6be9f1c4667e7103a33d220766e0a7f4",
    "sections.sections_pkey": "c474d335423707cf208ada42bd158904",
    "sections.uq_sections_name": "ef00c706cee79f708c415ec0de7c99c5",
    "steps.steps_pkey": "5fe765945d651d25787ea665be9183ac",
    "troubles.troubles_pkey": "f4a91f659cd1baa605f137f6b4e52e02",
}
