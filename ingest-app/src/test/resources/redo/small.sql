-- Most types of records, each a few times: the script of the logs that are kept beside the tests.
--# setting wal_recycle=off

-- Tables and indexes first: what the catalogs log of them is not kept.
CREATE EXTENSION bloom;
CREATE FUNCTION wide(n int) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT to_char(n, 'FM000000') || (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 40) i) $$;
CREATE TABLE plain (id int PRIMARY KEY, a int, b text) WITH (fillfactor = 80);
CREATE TABLE copied (id int, t text);
CREATE TABLE parents (id int PRIMARY KEY, v int);
CREATE TABLE children (id int, parent int REFERENCES parents);
CREATE TABLE parts (k int, v text) PARTITION BY LIST (k);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES IN (2);
CREATE TABLE wides (k text, n int);
ALTER TABLE wides ALTER COLUMN k SET STORAGE PLAIN;
CREATE INDEX wides_k ON wides (k);
CREATE TABLE same (k int, n int);
CREATE INDEX same_k ON same (k);
CREATE TABLE hashed (k int, n int);
CREATE INDEX hashed_k ON hashed USING hash (k);
CREATE TABLE words (id int, word text[]);
CREATE INDEX words_word ON words USING gin (word) WITH (fastupdate = off);
CREATE TABLE tagged (id int, tags int[], filler text) WITH (fillfactor = 10);
CREATE INDEX tagged_tags ON tagged USING gin (tags) WITH (fastupdate = off);
CREATE TABLE notes (id int, keys int[]);
CREATE INDEX notes_keys ON notes USING gin (keys) WITH (fastupdate = on);
CREATE TABLE places (id int, at point);
CREATE INDEX places_gist ON places USING gist (at);
CREATE INDEX places_quad ON places USING spgist (at);
CREATE TABLE paths (id int, path text);
CREATE INDEX paths_path ON paths USING spgist (path);
CREATE TABLE ranges (id int, t text);
CREATE INDEX ranges_id ON ranges USING brin (id, t) WITH (pages_per_range = 2, autosummarize = off);
CREATE TABLE blooms (a int, b int);
CREATE INDEX blooms_ab ON blooms USING bloom (a, b);
CREATE SEQUENCE counter;
SET wal_consistency_checking = '';
INSERT INTO same SELECT g % 5, g FROM generate_series(1, 1200) g;
INSERT INTO hashed SELECT g % 90, g FROM generate_series(1, 500) g;
INSERT INTO words SELECT g, ARRAY[wide(g * 7919 % 1009)] FROM generate_series(1, 50) g;
INSERT INTO tagged SELECT g, ARRAY[1], repeat('f', 300) FROM generate_series(1, 1500) g;
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(1, 350) g;
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.example/' || md5((g * 31)::text) FROM generate_series(1, 80) g;
INSERT INTO paths SELECT g, repeat('long', 200) || g % 3 || repeat('tail', g % 50) || g FROM generate_series(1, 20) g;
INSERT INTO ranges SELECT g, repeat('r', 300) FROM generate_series(1, 100) g;
RESET wal_consistency_checking;
VACUUM (FREEZE);
--# log

-- Heap.
INSERT INTO plain SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE i END, repeat('b', 60 + i % 60) FROM generate_series(1, 150) i;
UPDATE plain SET a = a + 1 WHERE id % 15 = 0 OR id < 5;
UPDATE plain SET b = b || 'x' WHERE id % 31 = 0;
UPDATE plain SET b = repeat('long', 200) WHERE id % 25 = 0;
UPDATE plain SET a = 1 WHERE id < 5;
UPDATE plain SET a = 2 WHERE id < 5;
SELECT sum(a) FROM plain;
DELETE FROM plain WHERE id % 12 = 1;
BEGIN;
INSERT INTO plain VALUES (1001, 1, 'one'), (1002, 2, 'two');
UPDATE plain SET a = 4 WHERE id = 1001;
UPDATE plain SET a = 5 WHERE id = 1001;
SAVEPOINT s;
DELETE FROM plain WHERE id = 1002;
ROLLBACK TO s;
COMMIT;
BEGIN;
DELETE FROM plain WHERE id = 7;
ROLLBACK;
INSERT INTO plain SELECT i, i, 'again' FROM generate_series(5, 8) i ON CONFLICT (id) DO UPDATE SET a = excluded.a;
INSERT INTO plain SELECT i, i, 'again' FROM generate_series(149, 153) i ON CONFLICT DO NOTHING;
COPY copied FROM PROGRAM 'seq -f "%.0f	row" 1 300';
DELETE FROM copied WHERE id % 4 = 0;
VACUUM copied;
COPY copied FROM PROGRAM 'seq -f "%.0f	more" 1 90';
VACUUM (FREEZE) copied;
DELETE FROM copied WHERE id = 3;
INSERT INTO copied SELECT g, 'single' FROM generate_series(1, 5) g;
INSERT INTO parts SELECT 1, 'v' || i FROM generate_series(1, 10) i;
UPDATE parts SET k = 2 WHERE v LIKE '%5';

-- Row locks, multixacts, a prepared transaction.
INSERT INTO parents SELECT i, 0 FROM generate_series(1, 20) i;
BEGIN;
UPDATE parents SET v = 1 WHERE id <= 6;
UPDATE parents SET v = 2 WHERE id <= 3;
SELECT 1 FROM parents WHERE id BETWEEN 11 AND 14 FOR SHARE;
PREPARE TRANSACTION 'updates';
INSERT INTO children SELECT i, i FROM generate_series(1, 14) i;
BEGIN;
SELECT 1 FROM parents WHERE id <= 12 FOR KEY SHARE;
SAVEPOINT s;
SELECT 1 FROM parents WHERE id BETWEEN 12 AND 16 FOR SHARE;
COMMIT;
COMMIT PREPARED 'updates';
BEGIN;
UPDATE parents SET v = 3 WHERE id = 20;
PREPARE TRANSACTION 'undone';
ROLLBACK PREPARED 'undone';
UPDATE parents SET v = 4 WHERE id IN (1, 11, 20);
SELECT nextval('counter') FROM generate_series(1, 70);
SELECT setval('counter', 500);

-- Freezing, with the map of what is visible; then changes that clear it.
VACUUM (FREEZE) plain;
VACUUM (FREEZE) parents;
UPDATE plain SET a = 77 WHERE id = 20;
DELETE FROM plain WHERE id = 60;
INSERT INTO plain VALUES (2001, 1, 'b');
SELECT 1 FROM plain WHERE id = 80 FOR UPDATE;
VACUUM plain;

-- B-tree: wide keys, so that few rows split pages; duplicates; pages that go.
INSERT INTO wides SELECT wide(g), g FROM generate_series(1, 60) g;
INSERT INTO wides SELECT wide((g * 13) % 60 * 1000), g FROM generate_series(1, 30) g;
DELETE FROM wides WHERE k BETWEEN '000004' AND '000050';
VACUUM (INDEX_CLEANUP ON) wides;
VACUUM (INDEX_CLEANUP ON) wides;
INSERT INTO wides SELECT wide(g), g FROM generate_series(70, 80) g;
INSERT INTO same SELECT g % 5, g FROM generate_series(1201, 1210) g;
SET wal_consistency_checking = '';
INSERT INTO same SELECT g % 5, g FROM generate_series(1211, 2200) g;
RESET wal_consistency_checking;
INSERT INTO same SELECT g % 5, g FROM generate_series(2201, 2260) g;
SET wal_consistency_checking = '';
DELETE FROM same WHERE n % 3 = 0;
RESET wal_consistency_checking;
VACUUM (INDEX_CLEANUP ON) same;
INSERT INTO same SELECT g % 5, g FROM generate_series(3000, 3040) g;

-- Hash: overflow pages, a split, deleted rows, pages that are freed.
INSERT INTO hashed SELECT g % 90, g FROM generate_series(501, 520) g;
SET wal_consistency_checking = '';
INSERT INTO hashed SELECT 7, g FROM generate_series(1, 1100) g;
RESET wal_consistency_checking;
INSERT INTO hashed SELECT 7, g FROM generate_series(1101, 1120) g;
INSERT INTO hashed SELECT g, g FROM generate_series(1, 40) g;
SET wal_consistency_checking = '';
INSERT INTO hashed SELECT g, g FROM generate_series(1000, 1900) g;
RESET wal_consistency_checking;
INSERT INTO hashed SELECT g, g FROM generate_series(2000, 2060) g;
SET wal_consistency_checking = '';
DELETE FROM hashed WHERE k = 7 AND n > 100;
RESET wal_consistency_checking;
VACUUM (INDEX_CLEANUP ON) hashed;
VACUUM (INDEX_CLEANUP ON) hashed;
INSERT INTO hashed SELECT g, g FROM generate_series(1, 30) g;

-- GIN: the tree of entries, posting trees, the pending list.
INSERT INTO words SELECT g, ARRAY[wide(g * 7919 % 1009)] FROM generate_series(51, 100) g;
INSERT INTO tagged SELECT g, ARRAY[1, 2], repeat('f', 300) FROM generate_series(1501, 1540) g;
DELETE FROM tagged WHERE id % 60 = 0;
VACUUM (INDEX_CLEANUP ON) tagged;
INSERT INTO notes SELECT g, ARRAY[g % 5, g] FROM generate_series(1, 60) g;
INSERT INTO notes SELECT 1, array_agg(n) FROM generate_series(1, 450) n;
SELECT gin_clean_pending_list('notes_keys');
DELETE FROM notes WHERE id % 3 = 0;
VACUUM (INDEX_CLEANUP ON) notes;

-- GiST and SP-GiST.
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(351, 390) g;
SET wal_consistency_checking = '';
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(391, 600) g;
RESET wal_consistency_checking;
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(601, 620) g;
SET wal_consistency_checking = '';
DELETE FROM places WHERE id % 3 = 0 OR id < 300;
RESET wal_consistency_checking;
VACUUM (INDEX_CLEANUP ON) places;
SELECT txid_current();
VACUUM (INDEX_CLEANUP ON) places;
INSERT INTO places SELECT g, point(g, g) FROM generate_series(1, 20) g;
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.example/' || md5((g * 31)::text) FROM generate_series(81, 130) g;
INSERT INTO paths SELECT g, substr('http://host1.example/', 1, 3 + g % 18) || chr(200 + g % 150) || g FROM generate_series(1, 40) g;
INSERT INTO paths SELECT g, repeat('long', 200) || g % 3 || repeat('tail', g % 50) || g FROM generate_series(21, 60) g;
DELETE FROM paths WHERE id % 3 = 0;
VACUUM (INDEX_CLEANUP ON) paths;
INSERT INTO paths SELECT g, NULL FROM generate_series(1, 3) g;

-- BRIN and bloom.
SELECT brin_summarize_new_values('ranges_id');
INSERT INTO ranges SELECT g, 'q' || repeat('r', 300) FROM generate_series(101, 160) g;
SELECT brin_summarize_new_values('ranges_id');
UPDATE ranges SET t = repeat('a', 900) WHERE id = 1;
UPDATE ranges SET t = repeat('z', 900) || id WHERE id IN (2, 60, 120);
SELECT brin_desummarize_range('ranges_id', 0);
INSERT INTO blooms SELECT g, g % 29 FROM generate_series(1, 40) g;
DELETE FROM blooms WHERE a % 3 = 0;
VACUUM (INDEX_CLEANUP ON) blooms;

-- Cut off, truncated, moved.
DELETE FROM copied WHERE id > 50;
VACUUM copied;
TRUNCATE children;
VACUUM FULL pg_database;
