-- Reaches every record of Heap and Heap2 that changes a page, on all supported versions.
-- One session; a statement ends with a semicolon at the end of a line.
-- Needs: superuser, autovacuum=off, max_prepared_transactions>0. With wal_level=replica updates take
-- prefixes and suffixes of the old tuple, with logical only those of catalogs do.

-- INSERT, INSERT+INIT: nulls, data of varying length, wide rows.
CREATE TABLE h_plain (id int PRIMARY KEY, n int, a text, b text, c int) WITH (fillfactor = 70);
INSERT INTO h_plain SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i END, repeat('a', i % 60), CASE WHEN i % 5 = 0 THEN NULL ELSE 'b' || i END, i FROM generate_series(1, 900) i;
CREATE TABLE h_single AS SELECT 1 AS one;
INSERT INTO h_single VALUES (2);
CREATE TABLE h_none ();
INSERT INTO h_none DEFAULT VALUES;

-- HOT_UPDATE with prefix, suffix, both, none; with a bitmap of nulls that changes.
UPDATE h_plain SET c = c + 1 WHERE id % 7 = 0;
UPDATE h_plain SET b = b || 'x' WHERE id % 11 = 0;
UPDATE h_plain SET n = NULL WHERE id % 13 = 0;
UPDATE h_plain SET n = id, a = 'new' || id, b = NULL, c = -id WHERE id % 17 = 0;
UPDATE h_plain SET a = NULL WHERE id % 19 = 0;
UPDATE h_plain SET c = c WHERE id % 23 = 0;

-- UPDATE of the key, and to other pages; UPDATE+INIT.
UPDATE h_plain SET id = id + 10000 WHERE id % 29 = 0;
UPDATE h_plain SET a = repeat('long', 200) WHERE id % 4 = 0;
UPDATE h_plain SET a = repeat('longer', 300), b = md5(id::text) WHERE id % 6 = 0;

-- Prune on access: chains of versions, read in between.
CREATE TABLE h_chain (id int PRIMARY KEY, v int, t text) WITH (fillfactor = 50);
INSERT INTO h_chain SELECT i, 0, repeat('t', 30) FROM generate_series(1, 60) i;
UPDATE h_chain SET v = v + 1;
UPDATE h_chain SET v = v + 1;
SELECT sum(v) FROM h_chain;
UPDATE h_chain SET v = v + 1;
UPDATE h_chain SET v = v + 1 WHERE id % 2 = 0;
UPDATE h_chain SET v = v + 1 WHERE id % 3 = 0;
UPDATE h_chain SET t = repeat('u', 90) WHERE id % 3 = 0;
SELECT sum(v) FROM h_chain;
UPDATE h_chain SET v = v + 1 WHERE id < 5;
UPDATE h_chain SET v = v + 1 WHERE id < 5;
UPDATE h_chain SET v = v + 1 WHERE id < 5;
UPDATE h_chain SET v = v + 1 WHERE id < 5;
DELETE FROM h_chain WHERE id > 40;
SELECT sum(v) FROM h_chain;
INSERT INTO h_chain SELECT i, 0, 'again' FROM generate_series(61, 90) i;
SELECT count(*) FROM h_chain WHERE t = 'again';

-- DELETE; command ids within one transaction, and pairs of them.
DELETE FROM h_plain WHERE id % 31 = 0;
BEGIN;
INSERT INTO h_plain VALUES (20001, 1, 'one', 'two', 3), (20002, 1, 'one', 'two', 3);
UPDATE h_plain SET c = 4 WHERE id = 20001;
UPDATE h_plain SET c = 5, a = repeat('z', 100) WHERE id = 20001;
DELETE FROM h_plain WHERE id = 20002;
SAVEPOINT s;
UPDATE h_plain SET c = 6 WHERE id IN (20001, 1, 2);
DELETE FROM h_plain WHERE id IN (8, 10);
ROLLBACK TO s;
UPDATE h_plain SET c = 7 WHERE id IN (1, 2);
COMMIT;
BEGIN;
DELETE FROM h_plain WHERE id IN (40, 41);
UPDATE h_plain SET id = id + 30000 WHERE id IN (50, 51);
ROLLBACK;

-- LOCK of all strengths, over an aborted update, and by several at once.
BEGIN;
SELECT 1 FROM h_plain WHERE id = 3 FOR UPDATE;
SELECT 1 FROM h_plain WHERE id = 5 FOR NO KEY UPDATE;
SELECT 1 FROM h_plain WHERE id IN (9, 40) FOR SHARE;
SELECT 1 FROM h_plain WHERE id IN (11, 50) FOR KEY SHARE;
SAVEPOINT s;
SELECT 1 FROM h_plain WHERE id IN (9, 11) FOR UPDATE;
RELEASE s;
UPDATE h_plain SET c = 0 WHERE id = 3;
SAVEPOINT t;
UPDATE h_plain SET c = 1 WHERE id = 11;
DELETE FROM h_plain WHERE id = 5;
COMMIT;

-- LOCK_UPDATED: a key-share lock on a row with an update in progress, which a prepared transaction
-- holds; its multixacts are frozen below.
CREATE TABLE h_parent (id int PRIMARY KEY, v int);
CREATE TABLE h_child (id int, parent int REFERENCES h_parent);
INSERT INTO h_parent SELECT i, 0 FROM generate_series(1, 40) i;
BEGIN;
UPDATE h_parent SET v = 1 WHERE id <= 20;
UPDATE h_parent SET v = 2 WHERE id <= 10;
SELECT 1 FROM h_parent WHERE id BETWEEN 21 AND 30 FOR SHARE;
PREPARE TRANSACTION 'h_updates';
INSERT INTO h_child SELECT i, i FROM generate_series(1, 40) i;
BEGIN;
SELECT 1 FROM h_parent WHERE id <= 25 FOR KEY SHARE;
SAVEPOINT s;
SELECT 1 FROM h_parent WHERE id BETWEEN 21 AND 35 FOR SHARE;
COMMIT;
COMMIT PREPARED 'h_updates';
BEGIN;
UPDATE h_parent SET v = 3 WHERE id = 40;
SELECT 1 FROM h_parent WHERE id = 39 FOR UPDATE;
PREPARE TRANSACTION 'h_undone';
SELECT 1 FROM h_parent WHERE id = 40 FOR KEY SHARE;
ROLLBACK PREPARED 'h_undone';
UPDATE h_parent SET v = 4 WHERE id IN (1, 21, 40);

-- CONFIRM: speculative insertion.
CREATE TABLE h_conflict (k int PRIMARY KEY, v text);
INSERT INTO h_conflict SELECT i, 'v' FROM generate_series(1, 50) i ON CONFLICT DO NOTHING;
INSERT INTO h_conflict SELECT i, 'w' FROM generate_series(30, 70) i ON CONFLICT (k) DO UPDATE SET v = excluded.v || h_conflict.v;

-- DELETE of a speculative insertion: the index expression of the row inserts a rival just after
-- the row was found to have none.
CREATE TABLE h_super (k text, big text);
CREATE FUNCTION h_rival(k text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN IF k = ''x'' AND current_setting(''h.calls'', true) = ''2'' THEN PERFORM set_config(''h.calls'', ''done'', false); INSERT INTO h_super VALUES (k, ''rival''); ELSIF k = ''x'' AND current_setting(''h.calls'', true) = ''1'' THEN PERFORM set_config(''h.calls'', ''2'', false); END IF; RETURN k; END';
CREATE UNIQUE INDEX h_super_rival ON h_super (h_rival(k));
ALTER FUNCTION h_rival(text) VOLATILE;
SET h.calls = '1';
INSERT INTO h_super VALUES ('x', 'first') ON CONFLICT DO NOTHING;
RESET h.calls;

-- Rows that move to another partition.
CREATE TABLE h_parts (k int, v text) PARTITION BY LIST (k);
CREATE TABLE h_part1 PARTITION OF h_parts FOR VALUES IN (1);
CREATE TABLE h_part2 PARTITION OF h_parts FOR VALUES IN (2);
INSERT INTO h_parts SELECT 1, 'v' || i FROM generate_series(1, 30) i;
UPDATE h_parts SET k = 2 WHERE v LIKE '%5';

-- MULTI_INSERT, MULTI_INSERT+INIT; rows of odd length; with all tuples frozen.
CREATE TABLE h_copy (a int, t text);
COPY (SELECT i, repeat('c', i % 50) FROM generate_series(1, 700) i) TO PROGRAM 'cat > h_copy.txt';
COPY h_copy FROM PROGRAM 'cat h_copy.txt';
DELETE FROM h_copy WHERE a % 4 = 0;
VACUUM h_copy;
COPY h_copy FROM PROGRAM 'cat h_copy.txt';
BEGIN;
CREATE TABLE h_frozen (a int, t text);
COPY h_frozen FROM PROGRAM 'cat h_copy.txt' (FREEZE);
COMMIT;

-- INPLACE: VACUUM, ANALYZE and CREATE INDEX write to pg_class.
CREATE INDEX h_copy_a ON h_copy (a);
ANALYZE h_copy;

-- VACUUM: first and second pass, with an index and without; all rows of a page; only some.
CREATE TABLE h_vacuum (id int PRIMARY KEY, t text);
INSERT INTO h_vacuum SELECT i, repeat('v', 100) FROM generate_series(1, 600) i;
DELETE FROM h_vacuum WHERE id BETWEEN 100 AND 250 OR id % 3 = 0;
VACUUM h_vacuum;
INSERT INTO h_vacuum SELECT i, repeat('w', 40) FROM generate_series(1001, 1300) i;
DELETE FROM h_vacuum WHERE id > 1200;
VACUUM h_vacuum;
CREATE TABLE h_bare (id int, t text);
INSERT INTO h_bare SELECT i, repeat('v', 100) FROM generate_series(1, 300) i;
DELETE FROM h_bare WHERE id % 2 = 0;
VACUUM h_bare;
DELETE FROM h_bare WHERE id < 200;
VACUUM (FREEZE) h_bare;

-- Freezing: alone, together with pruning, of aborted, locked and multixact xmax.
VACUUM (FREEZE) h_parent;
VACUUM (FREEZE) h_child;
VACUUM (FREEZE) h_plain;
VACUUM (FREEZE) h_chain;
VACUUM (FREEZE) h_conflict;
VACUUM (FREEZE) h_super;
VACUUM (FREEZE) h_parts;
VACUUM (FREEZE) h_copy;
VACUUM (FREEZE) h_vacuum;

-- Changes of pages whose rows are all visible and frozen: each clears bits of the map.
INSERT INTO h_plain VALUES (40001, 1, 'a', 'b', 3);
VACUUM (FREEZE) h_plain;
UPDATE h_plain SET c = 77 WHERE id = 20;
UPDATE h_plain SET a = repeat('other page', 100) WHERE id IN (21, 22, 60);
DELETE FROM h_plain WHERE id = 700;
SELECT 1 FROM h_plain WHERE id = 400 FOR UPDATE;
VACUUM h_plain;
VACUUM (FREEZE) h_plain;
SELECT 1 FROM h_plain WHERE id = 400 FOR SHARE;
UPDATE h_plain SET c = 78 WHERE id = 400;
COPY h_frozen FROM PROGRAM 'head -20 h_copy.txt';
VACUUM (FREEZE) h_frozen;
COPY h_frozen FROM PROGRAM 'head -20 h_copy.txt';
DELETE FROM h_frozen WHERE a < 10;
VACUUM h_frozen;
BEGIN;
UPDATE h_parent SET v = 5 WHERE id <= 3;
PREPARE TRANSACTION 'h_again';
SELECT 1 FROM h_parent WHERE id <= 5 FOR KEY SHARE;
COMMIT PREPARED 'h_again';
VACUUM (FREEZE) h_parent;

-- The heap's end is cut off, and with it bits of the map.
DELETE FROM h_frozen WHERE a > 200;
VACUUM (FREEZE) h_frozen;
DELETE FROM h_vacuum;
INSERT INTO h_vacuum SELECT i, 'back' FROM generate_series(1, 10) i;
VACUUM (FREEZE) h_vacuum;

-- TRUNCATE changes no page by itself; a catalog of many rows.
TRUNCATE h_child, h_copy;
CREATE TABLE h_wide AS SELECT 1 AS a1, 2 AS a2, 3 AS a3, 4 AS a4, 5 AS a5, 6 AS a6, 7 AS a7, 8 AS a8, 9 AS a9;
ALTER TABLE h_wide ADD COLUMN b1 int DEFAULT 7, ADD COLUMN b2 text;
UPDATE h_wide SET b2 = 'new bitmap';
UPDATE h_wide SET a9 = 10;
DROP TABLE h_wide;
VACUUM (FREEZE) pg_catalog.pg_attribute;
VACUUM (FREEZE) pg_catalog.pg_class;
VACUUM (FREEZE) pg_catalog.pg_depend;
CREATE TABLE h_last (a int PRIMARY KEY);
