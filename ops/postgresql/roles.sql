-- The three roles of a gongkai database on a server; run by psql, as the server's superuser, in that database, after every
-- `gongkai init`. All of it or nothing: at the first error it stops, and nobody's rights have changed.
-- gongkai_app writes cases and can change or remove no event; gongkai_reader reads, for auditors and reports; both back up.
-- The owner makes and migrates the tables, and nobody works as the owner day by day.

-- It goes to the schema in which the database looks for its tables (`search_path`); to another with `-v schema=NAME`.

\set ON_ERROR_STOP on
\if :{?schema}
\else
SELECT coalesce((SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
  WHERE pg_class.oid = to_regclass('alembic_version')), 'public') AS schema \gset
\endif
BEGIN;
SET LOCAL search_path TO :"schema";

DO $$ BEGIN
  CREATE ROLE gongkai_app NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL; END $$;
DO $$ BEGIN
  CREATE ROLE gongkai_reader NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL; END $$;

REVOKE ALL ON ALL TABLES IN SCHEMA :"schema" FROM gongkai_app, gongkai_reader;
GRANT USAGE ON SCHEMA :"schema" TO gongkai_app, gongkai_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA :"schema" TO gongkai_app, gongkai_reader;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA :"schema" TO gongkai_app;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA :"schema" TO gongkai_app, gongkai_reader;  -- pg_dump reads how far they have counted

-- What only grows: a case's record, the steps that fired, the law as it was accepted, the calendar as it was announced.
GRANT INSERT ON events, steps, definitions, calendar_days, calendar_years TO gongkai_app;
-- A notice that comes at the instant of another speaks in its place; what is altered otherwise is found by its entry (gongkai verify).
GRANT UPDATE (workday, zh, en, notice) ON calendar_days TO gongkai_app;
GRANT UPDATE (source) ON calendar_years TO gongkai_app;
-- Of an event nothing is changed but that what was erased loses its opening; the trigger holds the application to it.
GRANT UPDATE (openings) ON events TO gongkai_app;
GRANT INSERT ON seals, entries, post_changes, same_people, attachments TO gongkai_app;
-- Of an attachment nothing is changed but that it is withdrawn, or its content erased; the trigger holds the application to it.
GRANT UPDATE (sha256, withdrawn_seq) ON attachments TO gongkai_app;
-- What has a present state.
GRANT INSERT, UPDATE ON deadlines, notices, readings, meta, people, sections, seats, absences TO gongkai_app;
-- The name of the bureau is held against its entry (gongkai verify).
GRANT UPDATE (name) ON bureaus TO gongkai_app;
-- Of a post nothing is changed but its last day; what stands there is held against the record of posts (gongkai verify).
GRANT INSERT ON appointments TO gongkai_app;
GRANT UPDATE (until_on) ON appointments TO gongkai_app;
-- A case moves; what it is called, of which kind it is and when it began stays, and triggers hold the owner to it as well.
GRANT INSERT ON cases, counters TO gongkai_app;
GRANT UPDATE (definition, section, title, state, version, seq, data, trail, waits_for, entered_at, changed_at, closed_at, head,
  due_on, due_at, next_at) ON cases TO gongkai_app;
GRANT UPDATE (serial) ON counters TO gongkai_app;
-- What is found anew from the cases.
GRANT INSERT, UPDATE, DELETE ON likenesses, links, troubles TO gongkai_app;
-- What has left, or left with somebody, is forgotten.
GRANT INSERT, UPDATE, DELETE ON addresses, outbox TO gongkai_app;

COMMIT;
