-- Every type of record of B-tree indexes.

-- An empty root, splits to the right and in the middle, roots of more levels.
CREATE TABLE numbers (id int, body text);
CREATE INDEX numbers_id ON numbers (id);
INSERT INTO numbers SELECT g, 'a' FROM generate_series(1, 3000) g;
INSERT INTO numbers SELECT (g * 7919) % 100000 + 10000, 'b' FROM generate_series(1, 3000) g;

-- Wide keys: few on a page, so that the tree becomes high.
CREATE FUNCTION wide(n int) RETURNS text LANGUAGE sql IMMUTABLE
  AS $$ SELECT to_char(n, 'FM000000') || (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 25) i) $$;
CREATE TABLE wides (k text, n int);
ALTER TABLE wides ALTER COLUMN k SET STORAGE PLAIN;
CREATE INDEX wides_k ON wides (k);
INSERT INTO wides SELECT wide(g), g FROM generate_series(1, 1200) g;
INSERT INTO wides SELECT wide((g * 613) % 2400), g FROM generate_series(1, 800) g;
CHECKPOINT;

-- Whole subtrees go, then a level has one page, which becomes the fast root.
DELETE FROM wides WHERE k BETWEEN '000200' AND '000900';
VACUUM wides;
DELETE FROM wides WHERE k < '001150';
VACUUM wides;
DELETE FROM wides WHERE k < '002300';
VACUUM wides;
VACUUM wides;
-- The only page of its level is split: the fast root changes back.
INSERT INTO wides SELECT wide(g), g FROM generate_series(2400, 2800) g;
-- Deleted pages are used again.
INSERT INTO wides SELECT wide(g), g FROM generate_series(3000, 3600) g;
DELETE FROM numbers WHERE id < 100000;
VACUUM numbers;
VACUUM numbers;
INSERT INTO numbers SELECT g, 'c' FROM generate_series(200000, 203000) g;

-- Duplicates: posting lists by deduplication, by index builds, and changes of them.
CREATE TABLE same (k int, n int) WITH (fillfactor = 100);
CREATE INDEX same_k ON same (k);
CREATE INDEX same_k2 ON same (k, (n % 3));
INSERT INTO same SELECT g % 5, g FROM generate_series(1, 3600) g;
CREATE INDEX same_built ON same ((k / 2));
-- Heap tuples whose ids lie between others: they split posting lists, some of full pages.
DELETE FROM same WHERE n % 3 = 0;
VACUUM same;
INSERT INTO same SELECT g % 5, g FROM generate_series(10001, 11200) g;
DELETE FROM same WHERE n % 7 < 3;
VACUUM same;
INSERT INTO same SELECT g % 4, g FROM generate_series(20001, 22000) g;
DELETE FROM same WHERE n % 2 = 0;
VACUUM same;
INSERT INTO same SELECT g % 3, g FROM generate_series(30001, 33000) g;

-- Full pages of posting lists, and heap tuples whose ids lie between theirs: pages split with a posting list.
CREATE TABLE single (n int, k int DEFAULT 1);
COPY single (n) FROM PROGRAM 'seq 1 60000';
DELETE FROM single WHERE n % 1230 BETWEEN 600 AND 720 AND n % 2 = 0;
VACUUM single;
CREATE INDEX single_k ON single (k) WITH (fillfactor = 100);
ALTER INDEX single_k SET (deduplicate_items = off);
INSERT INTO single SELECT g FROM generate_series(1, 4000) g;

-- Dead items go when a page is full: known to be dead by scans, or by updates that change no key.
CREATE TABLE churn (id int PRIMARY KEY, a int, b int, pad text DEFAULT repeat('x', 60)) WITH (fillfactor = 90);
CREATE INDEX churn_a ON churn (a);
CREATE INDEX churn_b ON churn (b);
INSERT INTO churn SELECT g, g % 10, 0 FROM generate_series(1, 600) g;
CREATE PROCEDURE churn(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..n LOOP
    UPDATE churn SET b = b + 1 WHERE id % 3 = i % 3;
    COMMIT;
  END LOOP;
END $$;
CALL churn(21);
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM churn WHERE id < 300;
SELECT count(*) FROM churn WHERE id < 300;
SELECT count(*) FROM churn WHERE a BETWEEN 0 AND 10;
INSERT INTO churn SELECT g, g % 10, 1 FROM generate_series(1, 299) g;
INSERT INTO churn SELECT g, g % 10, 1 FROM generate_series(1000, 1600) g;
DELETE FROM churn WHERE a = 4;
SELECT count(*) FROM churn WHERE a = 4;
INSERT INTO churn SELECT g, 4, 1 FROM generate_series(2000, 3000) g;
DELETE FROM churn WHERE a = 4 AND id % 3 > 0;
SELECT count(*) FROM churn WHERE a = 4;
INSERT INTO churn SELECT g, 4, 1 FROM generate_series(4000, 5000) g;

-- Other shapes of tuples: several columns, included ones, nulls, no deduplication.
CREATE TABLE shapes (a text, b numeric, c timestamptz, d int);
CREATE UNIQUE INDEX shapes_unique ON shapes (d) INCLUDE (a);
CREATE INDEX shapes_several ON shapes (a, b DESC NULLS FIRST, c);
CREATE INDEX shapes_plain ON shapes (a) WITH (deduplicate_items = off, fillfactor = 60);
INSERT INTO shapes SELECT nullif(md5((g % 40)::text), md5('7')), nullif(g % 11, 3), now(), g FROM generate_series(1, 1500) g;
UPDATE shapes SET d = d + 100000 WHERE d % 5 = 0;
DELETE FROM shapes WHERE d % 4 = 1;
VACUUM shapes;
CHECKPOINT;
INSERT INTO shapes SELECT md5((g % 40)::text), g % 11, now(), g FROM generate_series(5001, 5600) g;
TRUNCATE numbers;
INSERT INTO numbers SELECT g, 'd' FROM generate_series(1, 500) g;
REINDEX INDEX shapes_several;
