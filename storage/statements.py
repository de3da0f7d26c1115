"""The store's questions as text for both engines. Generated from questions.py by `make generate`; not edited by hand."""

META = """\
SELECT meta.value FROM meta WHERE meta."key" = :key
"""

SET_META = """\
INSERT INTO meta ("key", value) VALUES (:key, :value) ON CONFLICT ("key") DO UPDATE SET value = excluded.value
"""

ADD_BUREAU = """\
INSERT INTO bureaus (id, name) VALUES (:id, :name)
"""

LATEST_CALENDAR = """\
SELECT max(calendar_years.known_at) AS known_at FROM calendar_years
"""

CASE = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title, cases.state,
cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot,
(SELECT max(calendar_years.known_at) AS known_at FROM calendar_years) AS known_at, deadlines.case_id,
deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at, deadlines.strict_on,
deadlines.rolled_on, deadlines.due_at AS due_at_1, deadlines.provisional, deadlines.fired, deadlines.closed_at AS
closed_at_1, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses, deadlines.paused_on FROM
cases LEFT OUTER JOIN deadlines ON deadlines.case_id = cases.id AND deadlines.closed_at IS NULL WHERE cases.id = :id
"""

CASE_BY_NUMBER = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title, cases.state,
cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot,
(SELECT max(calendar_years.known_at) AS known_at FROM calendar_years) AS known_at, deadlines.case_id,
deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at, deadlines.strict_on,
deadlines.rolled_on, deadlines.due_at AS due_at_1, deadlines.provisional, deadlines.fired, deadlines.closed_at AS
closed_at_1, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses, deadlines.paused_on FROM
cases LEFT OUTER JOIN deadlines ON deadlines.case_id = cases.id AND deadlines.closed_at IS NULL WHERE cases.bureau =
:bureau AND cases.number = :number
"""

OPEN_DEADLINES = """\
SELECT deadlines.case_id, deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at,
deadlines.strict_on, deadlines.rolled_on, deadlines.due_at, deadlines.provisional, deadlines.fired,
deadlines.closed_at, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses,
deadlines.paused_on FROM deadlines WHERE deadlines.case_id = :case_id AND deadlines.closed_at IS NULL
"""

ALL_DEADLINES = """\
SELECT deadlines.case_id, deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at,
deadlines.strict_on, deadlines.rolled_on, deadlines.due_at, deadlines.provisional, deadlines.fired,
deadlines.closed_at, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses,
deadlines.paused_on FROM deadlines WHERE deadlines.case_id = :case_id ORDER BY deadlines.armed_seq
"""

CHILDREN = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title, cases.state,
cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot
FROM cases WHERE cases.parent = :parent AND cases.parent IS NOT NULL ORDER BY cases.id
"""

ALIKE = """\
SELECT cases.id, cases.number, cases.section FROM likenesses JOIN cases ON cases.id = likenesses.case_id WHERE
likenesses.bureau = :bureau AND likenesses.name = :name AND likenesses.value = :value AND likenesses.case_id !=
:case_id ORDER BY likenesses.case_id DESC LIMIT :limit OFFSET 0
"""

ADD_LIKENESS = """\
INSERT INTO likenesses (bureau, name, value, case_id) VALUES (:bureau, :name, :value, :case_id)
"""

FORGET_LIKENESSES = """\
DELETE FROM likenesses WHERE likenesses.case_id = :case_id
"""

LINKED = """\
SELECT links.field, cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title,
cases.state, cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot
FROM links JOIN cases ON cases.id = links.other_id WHERE links.case_id = :case_id ORDER BY links.field, cases.number
"""

LINKERS = """\
SELECT links.field, cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title,
cases.state, cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot
FROM links JOIN cases ON cases.id = links.case_id WHERE links.other_id = :other_id ORDER BY cases.number,
links.field
"""

WAITING_LINKERS = """\
SELECT DISTINCT links.case_id FROM links JOIN cases ON cases.id = links.case_id WHERE links.other_id = :other_id AND
cases.closed_at IS NULL
"""

ADD_LINK = """\
INSERT INTO links (case_id, field, other_id) VALUES (:case_id, :field, :other_id)
"""

FORGET_LINKS = """\
DELETE FROM links WHERE links.case_id = :case_id AND links.field = :field
"""

EVENTS = """\
SELECT events.case_id, events.seq, events.bureau, events.at, events.actor, events.actor_name, events.on_behalf_of,
events.via, events.transition, events.source, events.target, events.data, events.comment, events.automatic,
events.definition, events.request_id, events.previous, events.hash, events.form, events.openings FROM events WHERE
events.case_id = :case_id ORDER BY events.seq
"""

LAST_EVENT = """\
SELECT events.actor, events.actor_name FROM events WHERE events.case_id = :case_id ORDER BY events.seq DESC LIMIT 1
"""

ACTS_SINCE = """\
SELECT events.case_id, events.at, events.data FROM events WHERE events.bureau = :bureau AND transition IN
('sign_for', 'explain_lateness') AND events.transition = :act AND events.at >= :since ORDER BY events.at
"""

LATE_AND_ENDED = """\
SELECT deadlines.case_id, deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at,
deadlines.strict_on, deadlines.rolled_on, deadlines.due_at, deadlines.provisional, deadlines.fired,
deadlines.closed_at, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses,
deadlines.paused_on, cases.number, cases.title, cases.section, cases.definition AS digest FROM deadlines JOIN cases
ON cases.id = deadlines.case_id WHERE deadlines.outcome = 'late' AND (cases.bureau || '') = :bureau AND
cases.closed_at IS NOT NULL AND NOT (EXISTS (SELECT 1 FROM events WHERE events.case_id = deadlines.case_id AND
(events.transition = 'explain_lateness' AND events.at >= deadlines.due_at OR events.transition = 'import' AND
events.at = cases.closed_at))) ORDER BY deadlines.due_at
"""

READING = """\
SELECT readings.read_seq FROM readings WHERE readings.person = :person AND readings.case_id = :case_id
"""

TO_READ = """\
SELECT cases.id, cases.number, cases.title, events.at, events.actor_name, events.comment, events.form,
events.openings FROM readings JOIN cases ON cases.id = readings.case_id JOIN events ON events.case_id =
readings.case_id AND events.seq = readings.asked_seq WHERE readings.person = :person AND readings.read_seq IS NULL
ORDER BY events.at LIMIT :limit OFFSET 0
"""

PUT_READING = """\
INSERT INTO readings (case_id, person, asked_seq, read_seq) VALUES (:case_id, :person, :asked_seq, :read_seq) ON
CONFLICT (case_id, person) DO UPDATE SET asked_seq = excluded.asked_seq, read_seq = excluded.read_seq
"""

HAVE_READ = """\
UPDATE readings SET read_seq=:read_seq WHERE readings.person = :person AND readings.case_id = :case_id
"""

EVENT_OF_REQUEST = """\
SELECT events.case_id, events.seq, events.bureau, events.at, events.actor, events.actor_name, events.on_behalf_of,
events.via, events.transition, events.source, events.target, events.data, events.comment, events.automatic,
events.definition, events.request_id, events.previous, events.hash, events.form, events.openings FROM events WHERE
events.bureau = :bureau AND events.request_id = :request_id
"""

SHUT = """\
UPDATE events SET openings=:openings WHERE events.case_id = :case_id AND events.seq = :seq
"""

ADD_CASE = """\
INSERT INTO cases (id, number, kind, definition, bureau, section, title, state, version, seq, data, trail,
waits_for, opened_at, entered_at, changed_at, closed_at, head, due_on, due_at, next_at, parent, slot) VALUES (:id,
:number, :kind, :definition, :bureau, :section, :title, :state, :version, :seq, :data, :trail, :waits_for,
:opened_at, :entered_at, :changed_at, :closed_at, :head, :due_on, :due_at, :next_at, :parent, :slot)
"""

MOVE_CASE = """\
UPDATE cases SET title=:title, state=:state, version=:version, seq=:seq, data=:data, trail=:trail,
waits_for=:waits_for, entered_at=:entered_at, changed_at=:changed_at, head=:head, due_on=:due_on, due_at=:due_at,
next_at=:next_at WHERE cases.id = :id AND cases.seq = :old_seq
"""

END_CASE = """\
UPDATE cases SET title=:title, state=:state, version=:version, seq=:seq, data=:data, trail=:trail,
waits_for=:waits_for, entered_at=:entered_at, changed_at=:changed_at, closed_at=:closed_at, head=:head,
due_on=:due_on, due_at=:due_at, next_at=:next_at WHERE cases.id = :id AND cases.seq = :old_seq
"""

RELOCATE_CASE = """\
UPDATE cases SET section=:section, title=:title, state=:state, version=:version, seq=:seq, data=:data, trail=:trail,
waits_for=:waits_for, entered_at=:entered_at, changed_at=:changed_at, head=:head, due_on=:due_on, due_at=:due_at,
next_at=:next_at WHERE cases.id = :id AND cases.seq = :old_seq
"""

SWITCH_CASE = """\
UPDATE cases SET definition=:definition, title=:title, state=:state, version=:version, seq=:seq, data=:data,
trail=:trail, waits_for=:waits_for, entered_at=:entered_at, changed_at=:changed_at, head=:head, due_on=:due_on,
due_at=:due_at, next_at=:next_at WHERE cases.id = :id AND cases.seq = :old_seq
"""

ADD_EVENT = """\
INSERT INTO events (case_id, seq, bureau, at, actor, actor_name, on_behalf_of, via, transition, source, target,
data, comment, automatic, definition, request_id, previous, hash, form, openings) VALUES (:case_id, :seq, :bureau,
:at, :actor, :actor_name, :on_behalf_of, :via, :transition, :source, :target, :data, :comment, :automatic,
:definition, :request_id, :previous, :hash, :form, :openings)
"""

ADD_DEADLINE = """\
INSERT INTO deadlines (case_id, rule, armed_seq, anchor_on, anchor_at, strict_on, rolled_on, due_at, provisional,
fired, closed_at, outcome, late_days, extended, pauses, paused_on) VALUES (:case_id, :rule, :armed_seq, :anchor_on,
:anchor_at, :strict_on, :rolled_on, :due_at, :provisional, :fired, :closed_at, :outcome, :late_days, :extended,
:pauses, :paused_on)
"""

MOVE_DEADLINE = """\
UPDATE deadlines SET anchor_on=:anchor_on, anchor_at=:anchor_at, strict_on=:strict_on, rolled_on=:rolled_on,
due_at=:due_at, provisional=:provisional, fired=:fired, closed_at=:closed_at, outcome=:outcome,
late_days=:late_days, extended=:extended WHERE deadlines.case_id = :case_id AND deadlines.rule = :rule AND
deadlines.armed_seq = :armed_seq
"""

PAUSE_DEADLINE = """\
UPDATE deadlines SET anchor_on=:anchor_on, anchor_at=:anchor_at, strict_on=:strict_on, rolled_on=:rolled_on,
due_at=:due_at, provisional=:provisional, fired=:fired, closed_at=:closed_at, outcome=:outcome,
late_days=:late_days, extended=:extended, pauses=:pauses, paused_on=:paused_on WHERE deadlines.case_id = :case_id
AND deadlines.rule = :rule AND deadlines.armed_seq = :armed_seq
"""

ADD_STEP = """\
INSERT INTO steps (case_id, rule, armed_seq, step, scheduled_at, fired_at) VALUES (:case_id, :rule, :armed_seq,
:step, :scheduled_at, :fired_at)
"""

ADD_NOTICE = """\
INSERT INTO notices (bureau, person, role, case_id, occasion, zh, en, created_at) VALUES (:bureau, :person, :role,
:case_id, :occasion, :zh, :en, :created_at)
"""

TAKE_SERIAL = """\
INSERT INTO counters (bureau, series, year, serial) VALUES (:bureau, :series, :year, :first) ON CONFLICT (bureau,
series, year) DO UPDATE SET serial = (counters.serial + 1) RETURNING serial
"""

RAISE_SERIAL = """\
INSERT INTO counters (bureau, series, year, serial) VALUES (:bureau, :series, :year, :serial) ON CONFLICT (bureau,
series, year) DO UPDATE SET serial = excluded.serial WHERE counters.serial < excluded.serial
"""

DEFINITION = """\
SELECT definitions.accepted, definitions.digest FROM definitions WHERE definitions.digest = :digest
"""

DEFINITIONS = """\
SELECT definitions.digest, definitions.id, definitions.version, definitions.yaml, definitions.accepted_at FROM
definitions ORDER BY definitions.id, definitions.version
"""

VERSIONS = """\
SELECT definitions.digest, definitions.version FROM definitions WHERE definitions.id = :id ORDER BY
definitions.version DESC
"""

ADD_DEFINITION = """\
INSERT INTO definitions (digest, id, version, yaml, accepted, accepted_at) VALUES (:digest, :id, :version, :yaml,
:accepted, :accepted_at)
"""

CALENDAR_DAYS = """\
SELECT calendar_days.on_day, calendar_days.known_at, calendar_days.workday, calendar_days.zh, calendar_days.en,
calendar_days.notice FROM calendar_days ORDER BY calendar_days.known_at, calendar_days.on_day
"""

CALENDAR_YEARS = """\
SELECT calendar_years.year, calendar_years.known_at, calendar_years.source FROM calendar_years ORDER BY
calendar_years.known_at, calendar_years.year
"""

PUT_CALENDAR_DAY = """\
INSERT INTO calendar_days (on_day, known_at, workday, zh, en, notice) VALUES (:on_day, :known_at, :workday, :zh,
:en, :notice) ON CONFLICT (on_day, known_at) DO UPDATE SET workday = excluded.workday, zh = excluded.zh, en =
excluded.en, notice = excluded.notice
"""

PUT_CALENDAR_YEAR = """\
INSERT INTO calendar_years (year, known_at, source) VALUES (:year, :known_at, :source) ON CONFLICT (year, known_at)
DO UPDATE SET source = excluded.source
"""

NEXT_DUE = """\
SELECT min(cases.next_at) AS next_at FROM cases WHERE cases.next_at IS NOT NULL
"""

OPEN_CASES = """\
SELECT cases.id FROM cases WHERE cases.closed_at IS NULL ORDER BY cases.id
"""

MIGRATING = """\
SELECT cases.id, cases.state FROM cases WHERE cases.bureau = :bureau AND cases.kind = :kind AND cases.definition =
:definition AND cases.closed_at IS NULL AND cases.id > :after ORDER BY cases.id LIMIT :limit OFFSET 0
"""

RUNNING_OF_KIND = """\
SELECT cases.state, cases.data FROM cases WHERE cases.bureau = :bureau AND cases.kind = :kind AND cases.closed_at IS
NULL
"""

ENDED_OF_KIND = """\
SELECT cases.state, cases.data FROM cases WHERE cases.bureau = :bureau AND cases.kind = :kind AND cases.closed_at IS
NOT NULL
"""

STANDING = """\
SELECT cases.kind, cases.definition, cases.state, count(*) AS count, min(cases.number) AS first FROM cases WHERE
cases.bureau = :bureau AND cases.closed_at IS NULL GROUP BY cases.kind, cases.definition, cases.state
"""

CASES_IN = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title, cases.state,
cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot,
troubles.retry_at FROM cases LEFT OUTER JOIN troubles ON troubles.case_id = cases.id WHERE cases.id >= :first AND
cases.id < :end ORDER BY cases.id
"""

EVENTS_IN = """\
SELECT events.case_id, events.seq, events.bureau, events.at, events.actor, events.actor_name, events.on_behalf_of,
events.via, events.transition, events.source, events.target, events.data, events.comment, events.automatic,
events.definition, events.request_id, events.previous, events.hash, events.form, events.openings FROM events WHERE
events.case_id >= :first AND events.case_id < :end ORDER BY events.case_id, events.seq
"""

DEADLINES_IN = """\
SELECT deadlines.case_id, deadlines.rule, deadlines.armed_seq, deadlines.anchor_on, deadlines.anchor_at,
deadlines.strict_on, deadlines.rolled_on, deadlines.due_at, deadlines.provisional, deadlines.fired,
deadlines.closed_at, deadlines.outcome, deadlines.late_days, deadlines.extended, deadlines.pauses,
deadlines.paused_on FROM deadlines WHERE deadlines.case_id >= :first AND deadlines.case_id < :end ORDER BY
deadlines.case_id, deadlines.rule, deadlines.armed_seq
"""

STEPS_IN = """\
SELECT steps.case_id, steps.rule, steps.armed_seq, steps.step, steps.scheduled_at, steps.fired_at FROM steps WHERE
steps.case_id >= :first AND steps.case_id < :end ORDER BY steps.case_id, steps.rule, steps.armed_seq
"""

LINKS_IN = """\
SELECT links.case_id, links.field, cases.number FROM links JOIN cases ON cases.id = links.other_id WHERE
links.case_id >= :first AND links.case_id < :end ORDER BY links.case_id, links.field
"""

READINGS_IN = """\
SELECT readings.case_id, readings.person, readings.asked_seq, readings.read_seq FROM readings WHERE readings.case_id
>= :first AND readings.case_id < :end ORDER BY readings.case_id, readings.person
"""

ATTACHMENTS_IN = """\
SELECT attachments.case_id, attachments.no, attachments.seq, attachments.sha256, attachments.size,
attachments.withdrawn_seq FROM attachments WHERE attachments.case_id >= :first AND attachments.case_id < :end ORDER
BY attachments.case_id, attachments.no
"""

MOVED_IN = """\
SELECT DISTINCT events.case_id FROM events WHERE events.case_id >= :first AND events.case_id < :end AND :row <
events.rowid
"""

EVENTS_OF_EACH = """\
SELECT events.case_id, count(*) AS count FROM events GROUP BY events.case_id ORDER BY events.case_id
"""

LAST_CASES = """\
SELECT max(cases.id) AS id FROM cases UNION ALL SELECT max(events.case_id) AS id FROM events UNION ALL SELECT
max(deadlines.case_id) AS id FROM deadlines UNION ALL SELECT max(steps.case_id) AS id FROM steps UNION ALL SELECT
max(links.case_id) AS id FROM links UNION ALL SELECT max(readings.case_id) AS id FROM readings UNION ALL SELECT
max(attachments.case_id) AS id FROM attachments
"""

ROW_IN_PLACE = """\
SELECT events.rowid AS "row" FROM events ORDER BY events.rowid LIMIT 1 OFFSET :place
"""

EVERY_COUNTER = """\
SELECT counters.bureau, counters.series, counters.year, counters.serial FROM counters
"""

EVERY_DEFINITION = """\
SELECT definitions.digest, definitions.id, definitions.version, definitions.yaml, definitions.accepted,
definitions.accepted_at FROM definitions
"""

HASHES_IN_ORDER = """\
SELECT events.rowid AS "row", events.case_id, events.seq, events.hash FROM events ORDER BY events.rowid
"""

HASHES_BETWEEN = """\
SELECT events.rowid AS "row", events.case_id, events.seq, events.hash FROM events WHERE :after < events.rowid AND
:last >= events.rowid ORDER BY events.rowid
"""

EARLIER_BETWEEN = """\
SELECT events.rowid AS "row", events.case_id, events.seq, events.hash, events.at FROM events WHERE :after <
events.rowid AND :last >= events.rowid AND events.at < :at ORDER BY events.rowid LIMIT 1
"""

PUBLISHED_SINCE = """\
SELECT 1 FROM events WHERE :after < events.rowid AND events.data LIKE '%"published_on":"%' LIMIT 1
"""

FIRST_SINCE = """\
SELECT events.at FROM events WHERE :after < events.rowid ORDER BY events.rowid LIMIT 1
"""

NUMBER = """\
SELECT cases.number FROM cases WHERE cases.id = :id
"""

SEALS_FROM = """\
SELECT seals.no, seals.at, seals.cases, seals.events, seals.last_row, seals.root, seals.peaks, seals.previous,
seals.hash, seals.entries, seals.entry FROM seals WHERE seals.no >= :no ORDER BY seals.no
"""

LAST_SEAL = """\
SELECT seals.no, seals.at, seals.cases, seals.events, seals.last_row, seals.root, seals.peaks, seals.previous,
seals.hash, seals.entries, seals.entry FROM seals ORDER BY seals.no DESC LIMIT 1
"""

ADD_SEAL = """\
INSERT INTO seals (no, at, cases, events, last_row, root, peaks, previous, hash, entries, entry) VALUES (:no, :at,
:cases, :events, :last_row, :root, :peaks, :previous, :hash, :entries, :entry)
"""

LOST_NOTICES = """\
SELECT DISTINCT notices.case_id FROM notices WHERE NOT (EXISTS (SELECT cases.id FROM cases WHERE cases.id =
notices.case_id))
"""

PROVISIONAL = """\
SELECT count(*) AS count FROM deadlines WHERE deadlines.provisional = 1 AND deadlines.closed_at IS NULL
"""

TROUBLES = """\
SELECT troubles.case_id, troubles.since, troubles.times, troubles.retry_at, troubles.code, troubles.zh, troubles.en,
cases.number, cases.title, cases.section FROM troubles JOIN cases ON cases.id = troubles.case_id ORDER BY
troubles.since
"""

OVERSLEPT = """\
SELECT count(*) AS count FROM cases WHERE cases.next_at < :before
"""

UNHEARD = """\
SELECT notices.role, count(*) AS count FROM notices WHERE notices.person IS NULL AND notices.read_at IS NULL GROUP
BY notices.role
"""

WAITING_ROLES = """\
SELECT cases.waits_for, cases.section, count(*) AS count, min(cases.number) AS first FROM cases WHERE cases.bureau =
:bureau AND cases.closed_at IS NULL AND cases.waits_for IS NOT NULL GROUP BY cases.waits_for, cases.section
"""

HANDS_OF_ALL = """\
SELECT cases.id, cases.definition, cases.section, cases.state, cases.waits_for, cases.trail FROM cases WHERE
cases.closed_at IS NULL AND cases.waits_for IS NOT NULL AND cases.bureau = :bureau
"""

HANDS_SINCE = """\
SELECT cases.id, cases.definition, cases.section, cases.state, cases.waits_for, cases.trail FROM cases WHERE
cases.closed_at IS NULL AND cases.waits_for IS NOT NULL AND (cases.bureau || '') = :bureau AND cases.id IN (SELECT
events.case_id FROM events WHERE :seen < events.rowid)
"""

HANDS_OF_ONE = """\
SELECT cases.id, cases.definition, cases.section, cases.state, cases.waits_for, cases.trail FROM cases WHERE
cases.closed_at IS NULL AND cases.waits_for IS NOT NULL AND cases.id = :id
"""

LAST_EVENT_ROW = """\
SELECT max(events.rowid) AS last FROM events
"""

IS_TOLD = """\
SELECT steps.fired_at FROM steps WHERE steps.case_id = :case_id AND steps.rule = :rule AND steps.armed_seq =
:armed_seq AND steps.step = :step
"""

OPEN_IN_SECTION = """\
SELECT cases.id FROM cases WHERE cases.bureau = :bureau AND cases.section = :section AND cases.closed_at IS NULL
LIMIT :limit OFFSET 0
"""

HOW_MANY_OPEN = """\
SELECT count(*) AS count FROM cases WHERE cases.bureau = :bureau AND cases.section = :section AND cases.closed_at IS
NULL
"""

LAST_CHANGE = """\
SELECT max(cases.changed_at) AS at FROM cases
"""

LATEST_CHANGED = """\
SELECT cases.number, cases.changed_at FROM cases ORDER BY cases.changed_at DESC LIMIT 1
"""

LAST_ACT_OF = """\
SELECT max(events.at) AS at FROM events WHERE events.actor = :person OR events.on_behalf_of = :person
"""

LAST_CHANGE_IN = """\
SELECT max(cases.changed_at) AS at FROM cases WHERE cases.bureau = :bureau AND cases.section = :section
"""

ALL_PEOPLE = """\
SELECT people.id, people.name, people.section, people.login, people.left_on FROM people WHERE people.bureau =
:bureau ORDER BY people.id
"""

PERSON_OF_LOGIN = """\
SELECT people.id, people.left_on FROM people WHERE people.bureau = :bureau AND people.login = :login
"""

ALL_POSTS = """\
SELECT appointments.person, appointments.role, appointments.section, appointments.from_on, appointments.until_on,
appointments.acting, appointments.on_behalf_of FROM appointments WHERE appointments.bureau = :bureau ORDER BY
appointments.from_on, appointments.id
"""

HOLDERS = """\
SELECT appointments.person, appointments.on_behalf_of, people.name, absences.until_on AS away_until FROM
appointments JOIN people ON people.id = appointments.person LEFT OUTER JOIN absences ON absences.person =
appointments.person AND absences.from_on <= :on AND absences.until_on >= :on WHERE appointments.bureau = :bureau AND
appointments.role = :role AND (appointments.section IS NULL OR appointments.section = :section) AND
appointments.from_on <= :on AND (appointments.until_on IS NULL OR appointments.until_on >= :on) ORDER BY
absences.until_on IS NOT NULL, appointments.id
"""

ALL_ABSENCES = """\
SELECT absences.person, absences.from_on, absences.until_on, absences.recorded_by FROM absences JOIN people ON
people.id = absences.person WHERE people.bureau = :bureau ORDER BY absences.from_on
"""

PUT_ABSENCE = """\
INSERT INTO absences (person, from_on, until_on, recorded_by) VALUES (:person, :from_on, :until_on, :recorded_by) ON
CONFLICT (person, from_on) DO UPDATE SET until_on = excluded.until_on, recorded_by = excluded.recorded_by
"""

ALL_SEATS = """\
SELECT seats.person, seats.from_on, seats.section FROM seats JOIN people ON people.id = seats.person WHERE
people.bureau = :bureau ORDER BY seats.from_on
"""

ALL_SECTIONS = """\
SELECT sections.id, sections.until_on, sections.successor FROM sections WHERE sections.bureau = :bureau ORDER BY
sections.id
"""

ADD_SECTION = """\
INSERT INTO sections (id, bureau, name) VALUES (:id, :bureau, :name)
"""

PUT_SEAT = """\
INSERT INTO seats (person, from_on, section) VALUES (:person, :from_on, :section) ON CONFLICT (person, from_on) DO
UPDATE SET section = excluded.section
"""

CLOSE_SECTION = """\
UPDATE sections SET until_on=:until_on, successor=:successor WHERE sections.id = :id
"""

ADD_PERSON = """\
INSERT INTO people (id, bureau, name, section, login) VALUES (:id, :bureau, :name, :section, :login)
"""

ADD_POST = """\
INSERT INTO appointments (bureau, person, role, section, from_on, until_on, acting, on_behalf_of) VALUES (:bureau,
:person, :role, :section, :from_on, :until_on, :acting, :on_behalf_of)
"""

ADD_POST_CHANGE = """\
INSERT INTO post_changes (bureau, at, "by", act, person, role, section, from_on, until_on, acting, on_behalf_of)
VALUES (:bureau, :at, :by, :act, :person, :role, :section, :from_on, :until_on, :acting, :on_behalf_of)
"""

POST_CHANGES = """\
SELECT post_changes.no, post_changes.bureau, post_changes.at, post_changes."by", post_changes.act,
post_changes.person, post_changes.role, post_changes.section, post_changes.from_on, post_changes.until_on,
post_changes.acting, post_changes.on_behalf_of FROM post_changes WHERE post_changes.bureau = :bureau ORDER BY
post_changes.no
"""

BUREAU = """\
SELECT bureaus.id, bureaus.name FROM bureaus ORDER BY bureaus.id != (SELECT post_changes.bureau FROM post_changes
ORDER BY post_changes.no LIMIT 1), bureaus.id
"""

NAME_BUREAU = """\
UPDATE bureaus SET name=:called WHERE bureaus.id = :bureau
"""

END_POST = """\
UPDATE appointments SET until_on=:last_on WHERE appointments.role = :role AND appointments.section IS :section AND
(appointments.person = :person OR appointments.on_behalf_of = :person) AND (appointments.until_on IS NULL OR
appointments.until_on > :last_on)
"""

END_DELEGATION = """\
UPDATE appointments SET until_on=:last_on WHERE appointments.role = :role AND appointments.section IS :section AND
appointments.person = :person AND appointments.on_behalf_of = :principal AND (appointments.until_on IS NULL OR
appointments.until_on > :last_on)
"""

END_POSTS_OF = """\
UPDATE appointments SET until_on=:last_on WHERE (appointments.person = :person OR appointments.on_behalf_of =
:person) AND (appointments.until_on IS NULL OR appointments.until_on > :last_on)
"""

LEFT_ON = """\
UPDATE people SET left_on=:left_on WHERE people.id = :person
"""

RELEASE_LOGIN = """\
UPDATE people SET login=NULL WHERE people.login = :login
"""

WAITING = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE cases.bureau = :bureau AND cases.waits_for = :role AND cases.section = :section AND
cases.closed_at IS NULL AND cases.due_at IS NOT NULL ORDER BY cases.due_at, cases.id LIMIT :limit OFFSET 0
"""

WAITING_UNTIMED = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE cases.bureau = :bureau AND cases.waits_for = :role AND cases.section = :section AND
cases.closed_at IS NULL AND cases.due_at IS NULL ORDER BY cases.id LIMIT :limit OFFSET 0
"""

UNREAD = """\
SELECT notices.id, notices.case_id, cases.number, notices.role, notices.occasion, notices.zh, notices.en,
notices.created_at FROM notices JOIN cases ON cases.id = notices.case_id WHERE notices.person = :person AND
notices.read_at IS NULL AND (cases.section = coalesce(:section, cases.section) OR notices.role = 'admin' OR (EXISTS
(SELECT * FROM readings WHERE readings.person = notices.person AND readings.case_id = notices.case_id))) ORDER BY
notices.id LIMIT :limit OFFSET 0
"""

MARK_READ = """\
UPDATE notices SET read_at=:read_at WHERE notices.id = :notice AND notices.person = :person AND notices.read_at IS
NULL
"""

LISTED = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE (cases.bureau || '') = :bureau AND cases.section = coalesce(:section, cases.section)
AND cases.kind = coalesce(:kind, cases.kind) AND cases.state = coalesce(:state, cases.state) AND cases.title LIKE
coalesce(:pattern, '%') ESCAPE '!' AND cases.id < :after ORDER BY cases.id DESC LIMIT :limit OFFSET 0
"""

RUNNING_IN_STATE = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE cases.bureau = :bureau AND cases.kind = :kind AND cases.state = :state AND
cases.section = coalesce(:section, cases.section) AND cases.title LIKE coalesce(:pattern, '%') ESCAPE '!' AND
cases.id < :after AND cases.closed_at IS NULL ORDER BY cases.id DESC LIMIT :limit OFFSET 0
"""

ENDED_IN_STATE = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE cases.bureau = :bureau AND cases.kind = :kind AND cases.state = :state AND
cases.section = coalesce(:section, cases.section) AND cases.title LIKE coalesce(:pattern, '%') ESCAPE '!' AND
cases.id < :after AND cases.closed_at IS NOT NULL ORDER BY cases.id DESC LIMIT :limit OFFSET 0
"""

LISTED_OVERDUE = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent FROM cases WHERE cases.bureau = :bureau AND cases.section = coalesce(:section, cases.section) AND
cases.kind = coalesce(:kind, cases.kind) AND cases.state = coalesce(:state, cases.state) AND cases.title LIKE
coalesce(:pattern, '%') ESCAPE '!' AND cases.closed_at IS NULL AND cases.due_at <= :now AND cases.due_at >=
:after_at AND (cases.due_at > :after_at OR cases.id > :after) ORDER BY cases.due_at, cases.id LIMIT :limit OFFSET 0
"""

BOARD_CASES = """\
SELECT cases.section, CASE WHEN (cases.due_at <= :now) THEN 0 WHEN (cases.due_on <= :today) THEN 1 ELSE 2 END AS
bucket, count(*) AS count FROM cases WHERE cases.bureau = :bureau AND cases.section = coalesce(:section,
cases.section) AND cases.closed_at IS NULL AND cases.due_at <= :horizon GROUP BY 1, 2
"""

BOARD_CLOCKS = """\
SELECT cases.section, cases.definition, deadlines.rule, CASE WHEN (deadlines.due_at <= :now) THEN 0 WHEN
(deadlines.rolled_on <= :today) THEN 1 ELSE 2 END AS bucket, count(*) AS count FROM cases JOIN deadlines ON
deadlines.case_id = cases.id WHERE cases.bureau = :bureau AND cases.section = coalesce(:section, cases.section) AND
cases.closed_at IS NULL AND cases.due_at <= :horizon AND deadlines.closed_at IS NULL AND deadlines.paused_on IS NULL
AND deadlines.due_at <= :horizon GROUP BY 1, 2, 3, 4
"""

PAUSED = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.section, cases.title, cases.state, cases.version,
cases.waits_for, cases.opened_at, cases.entered_at, cases.closed_at, cases.due_on, cases.due_at, cases.data,
cases.parent, deadlines.rule, deadlines.paused_on FROM deadlines JOIN cases ON cases.id = deadlines.case_id WHERE
deadlines.paused_on IS NOT NULL AND (cases.bureau || '') = :bureau AND cases.section = coalesce(:section,
cases.section) ORDER BY deadlines.paused_on, cases.id LIMIT :limit OFFSET 0
"""

PAUSED_TOO_LONG = """\
SELECT cases.section, count(*) AS count FROM deadlines JOIN cases ON cases.id = deadlines.case_id WHERE
deadlines.paused_on IS NOT NULL AND (cases.bureau || '') = :bureau AND cases.section = coalesce(:section,
cases.section) AND cases.due_at <= :now GROUP BY 1
"""

FIRED_STEPS = """\
SELECT steps.rule, steps.armed_seq, steps.step, steps.scheduled_at, steps.fired_at FROM steps WHERE steps.case_id =
:case_id ORDER BY steps.fired_at
"""

RUNNING_CLOCKS = """\
SELECT deadlines.rule, deadlines.armed_seq, deadlines.due_at FROM deadlines WHERE deadlines.case_id = :case_id AND
deadlines.closed_at IS NULL AND deadlines.paused_on IS NULL ORDER BY deadlines.due_at
"""

LAST_ESCALATED = """\
SELECT notices.person, people.name, notices.role, notices.created_at FROM notices LEFT OUTER JOIN people ON
people.id = notices.person WHERE notices.case_id = :case_id AND notices.occasion = 'escalate' ORDER BY notices.id
DESC LIMIT 50 OFFSET 0
"""

ADDRESSES_OF = """\
SELECT addresses.channel, addresses.address FROM addresses WHERE addresses.person = :person
"""

PUT_ADDRESS = """\
INSERT INTO addresses (person, channel, address) VALUES (:person, :channel, :address) ON CONFLICT (person, channel)
DO UPDATE SET address = excluded.address
"""

FORGET_ADDRESS = """\
DELETE FROM addresses WHERE addresses.person = :person AND addresses.channel = :channel
"""

FORGET_THE_GONE = """\
DELETE FROM addresses WHERE addresses.person IN (SELECT people.id FROM people WHERE people.left_on <= :today)
"""

SEND_OUT = """\
INSERT INTO outbox (notice, channel, created_at, state, due_at, tries) SELECT notices.id, addresses.channel,
notices.created_at, 'waiting', notices.created_at AS created_at__1, 0 FROM notices JOIN addresses ON
addresses.person = notices.person WHERE notices.id IN (SELECT notices.id FROM notices WHERE notices.case_id =
:case_id ORDER BY notices.id DESC LIMIT :count OFFSET 0)
"""

DUE_OUT = """\
SELECT outbox.id FROM outbox WHERE outbox.due_at IS NOT NULL AND outbox.due_at <= :now AND outbox.channel = :channel
ORDER BY outbox.due_at, outbox.id LIMIT 1 OFFSET 0
"""

TAKE_OUT = """\
UPDATE outbox SET due_at=:until, tries=(outbox.tries + 1) WHERE outbox.id IN (SELECT outbox.id FROM outbox WHERE
outbox.due_at IS NOT NULL AND outbox.due_at <= :now AND outbox.channel = :channel ORDER BY outbox.due_at, outbox.id
LIMIT 1 OFFSET 0) AND outbox.due_at <= :now RETURNING id, notice, channel, tries
"""

NOTICE_OUT = """\
SELECT notices.id, notices.bureau, notices.person, notices.role, notices.case_id, notices.occasion, notices.zh,
notices.en, notices.created_at, notices.read_at, addresses.address FROM notices LEFT OUTER JOIN addresses ON
addresses.person = notices.person AND addresses.channel = :channel WHERE notices.id = :notice
"""

END_OUT = """\
UPDATE outbox SET state=:state, due_at=NULL, code=:code, ended_at=:ended_at WHERE outbox.id = :id AND outbox.tries =
:tries AND outbox.state = 'waiting'
"""

PUT_OFF_OUT = """\
UPDATE outbox SET due_at=:due_at, code=:code WHERE outbox.id = :id AND outbox.tries = :tries AND outbox.state =
'waiting'
"""

BRING_FORWARD = """\
UPDATE outbox SET due_at=:due_at WHERE outbox.due_at > :latest
"""

FORGET_NOTICES = """\
UPDATE notices SET zh=:zh, en=:en WHERE notices.case_id = :case_id
"""

DROP_OF_CASE = """\
UPDATE outbox SET state='dropped', due_at=NULL, code='erased', ended_at=:ended_at WHERE outbox.notice IN (SELECT
notices.id FROM notices WHERE notices.case_id = :case_id) AND outbox.state IN ('waiting', 'parked')
"""

DROP_OLD = """\
UPDATE outbox SET state='dropped', due_at=NULL, code='expired', ended_at=:ended_at WHERE outbox.due_at IS NOT NULL
AND outbox.created_at < :before
"""

FORGET_OLD = """\
DELETE FROM outbox WHERE outbox.ended_at < :before
"""

OUTBOX_STANDING = """\
SELECT outbox.state, outbox.channel, outbox.code, count(*) AS count, min(outbox.created_at) AS oldest,
min(outbox.due_at) AS due_at FROM outbox WHERE outbox.state IN ('waiting', 'parked') GROUP BY outbox.state,
outbox.channel, outbox.code ORDER BY outbox.state, outbox.channel, outbox.code
"""

OUTBOX = """\
SELECT outbox.id, outbox.notice, outbox.channel, outbox.created_at, outbox.state, outbox.due_at, outbox.tries,
outbox.code, outbox.ended_at, notices.person, people.name FROM outbox LEFT OUTER JOIN notices ON notices.id =
outbox.notice LEFT OUTER JOIN people ON people.id = notices.person WHERE outbox.state = coalesce(:state,
outbox.state) ORDER BY outbox.id DESC LIMIT :limit OFFSET 0
"""

RELEASE = """\
UPDATE outbox SET state='waiting', due_at=:now, tries=0, code=NULL, ended_at=NULL WHERE outbox.state = 'parked' AND
outbox.id = coalesce(:id, outbox.id)
"""

DUE = """\
SELECT cases.id, cases.number, cases.kind, cases.definition, cases.bureau, cases.section, cases.title, cases.state,
cases.version, cases.seq, cases.data, cases.trail, cases.waits_for, cases.opened_at, cases.entered_at,
cases.changed_at, cases.closed_at, cases.head, cases.due_on, cases.due_at, cases.next_at, cases.parent, cases.slot
FROM cases WHERE cases.next_at <= :now ORDER BY cases.next_at LIMIT :limit OFFSET 0
"""

SEQ = """\
SELECT cases.seq FROM cases WHERE cases.id = :id
"""

TROUBLED = """\
SELECT troubles.case_id, troubles.since, troubles.times, troubles.retry_at FROM troubles
"""

PUT_TROUBLE = """\
INSERT INTO troubles (case_id, since, times, retry_at, code, zh, en) VALUES (:case_id, :since, :times, :retry_at,
:code, :zh, :en) ON CONFLICT (case_id) DO UPDATE SET since = excluded.since, times = excluded.times, retry_at =
excluded.retry_at, code = excluded.code, zh = excluded.zh, en = excluded.en
"""

END_TROUBLE = """\
DELETE FROM troubles WHERE troubles.case_id = :case_id
"""

END_OLD_TROUBLES = """\
DELETE FROM troubles WHERE (troubles.case_id NOT IN (SELECT cases.id FROM cases WHERE cases.id = troubles.case_id
AND cases.next_at <= troubles.retry_at))
"""

TRY_BY_THE_RIGHT_CLOCK = """\
UPDATE cases SET next_at=:now WHERE cases.id IN (SELECT troubles.case_id FROM troubles WHERE troubles.retry_at >
:latest) AND cases.next_at > :latest
"""

PUT_OFF = """\
UPDATE cases SET next_at=:next_at WHERE cases.id = :id AND cases.seq = :seq AND cases.next_at = :was
"""

ADD_ATTACHMENT = """\
INSERT INTO attachments (case_id, no, seq, sha256, size, withdrawn_seq) VALUES (:case_id, :no, :seq, :sha256, :size,
:withdrawn_seq)
"""

ATTACHMENTS = """\
SELECT attachments.case_id, attachments.no, attachments.seq, attachments.sha256, attachments.size,
attachments.withdrawn_seq FROM attachments WHERE attachments.case_id = :case_id ORDER BY attachments.no
"""

WITHDRAW_ATTACHMENT = """\
UPDATE attachments SET withdrawn_seq=:withdrawn_seq WHERE attachments.case_id = :case_id AND attachments.no = :no
"""

FORGET_CONTENTS = """\
UPDATE attachments SET sha256=NULL WHERE attachments.case_id = :case_id AND attachments.sha256 IS NOT NULL
"""

POINTS_AT = """\
SELECT attachments.case_id FROM attachments WHERE attachments.sha256 = :sha256 AND attachments.sha256 IS NOT NULL
LIMIT 1
"""

CONTENTS = """\
SELECT attachments.sha256, attachments.size, attachments.case_id, attachments.no, attachments.seq FROM attachments
WHERE attachments.sha256 IS NOT NULL ORDER BY attachments.sha256
"""

ENTRIES = """\
SELECT entries.no, entries.what, entries."key", entries.digest, entries.at, entries."by", entries.previous,
entries.hash FROM entries ORDER BY entries.no
"""

LAST_ENTRY = """\
SELECT entries.no, entries.hash FROM entries ORDER BY entries.no DESC LIMIT 1
"""

ENTRY_HASH = """\
SELECT entries.hash FROM entries WHERE entries.no = :no
"""

ADD_ENTRY = """\
INSERT INTO entries (no, what, "key", digest, at, "by", previous, hash) VALUES (:no, :what, :key, :digest, :at, :by,
:previous, :hash)
"""

MADE_AS = """\
SELECT entries."key" FROM entries WHERE entries.what = 'nature' LIMIT 1
"""

CALENDAR_AS_ENTERED = """\
SELECT 'day' AS what, calendar_days.known_at, calendar_days.on_day AS place, calendar_days.workday AS number,
calendar_days.zh AS said, calendar_days.en, calendar_days.notice FROM calendar_days UNION ALL SELECT 'year',
calendar_years.known_at, CAST(calendar_years.year AS VARCHAR) AS year, calendar_years.year AS year_1,
calendar_years.source, NULL AS anon_1, NULL AS anon__1 FROM calendar_years UNION ALL SELECT 'entry', entries."key",
entries.at, entries.no, entries.digest, NULL AS anon_1, NULL AS anon__1 FROM entries WHERE entries.what = 'calendar'
ORDER BY what, known_at, place
"""

EVERY_POST_CHANGE = """\
SELECT post_changes.no, post_changes.bureau, post_changes.at, post_changes."by", post_changes.act,
post_changes.person, post_changes.role, post_changes.section, post_changes.from_on, post_changes.until_on,
post_changes.acting, post_changes.on_behalf_of FROM post_changes ORDER BY post_changes.no
"""

EVERY_POST = """\
SELECT appointments.id, appointments.bureau, appointments.person, appointments.role, appointments.section,
appointments.from_on, appointments.until_on, appointments.acting, appointments.on_behalf_of FROM appointments ORDER
BY appointments.id
"""

UNCHAINED_CASES = """\
SELECT cases.id, cases.number, cases.kind, cases.bureau, cases.section FROM cases JOIN events ON cases.id =
events.case_id WHERE events.seq = :seq AND events.previous = :previous ORDER BY cases.id
"""

RELOCATIONS = """\
SELECT events.case_id, events.data FROM events WHERE events.data LIKE :like ORDER BY events.case_id, events.seq
"""

ADD_SAME = """\
INSERT INTO same_people (at, "by", act, person, other, reason) VALUES (:at, :by, :act, :person, :other, :reason)
"""

SAME_PEOPLE = """\
SELECT same_people.no, same_people.at, same_people."by", same_people.act, same_people.person, same_people.other,
same_people.reason FROM same_people ORDER BY same_people.no
"""
