-- A bit of everything that a database does; what one resource manager needs beyond is in its own script.

CREATE TABLE accounts (id int PRIMARY KEY, branch int, balance bigint DEFAULT 0, filler text) WITH (fillfactor = 80);
CREATE INDEX accounts_branch ON accounts (branch);
INSERT INTO accounts SELECT g, g % 7, 0, repeat('x', 40 + g % 60) FROM generate_series(1, 3000) g;
CREATE TABLE history (id serial, account int, delta int, at timestamptz DEFAULT now());
CHECKPOINT;

-- Small transactions: hot and cold updates, inserts, commits.
CREATE PROCEDURE transfers(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..n LOOP
    UPDATE accounts SET balance = balance + i WHERE id = 1 + (i * 37) % 3000;
    UPDATE accounts SET branch = branch + 1 WHERE id = 1 + (i * 91) % 3000 AND i % 5 = 0;
    INSERT INTO history (account, delta) VALUES (1 + (i * 37) % 3000, i);
    IF i % 11 = 0 THEN DELETE FROM history WHERE id = i - 5; END IF;
    IF i % 29 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
  END LOOP;
END $$;
CALL transfers(1500);
DELETE FROM accounts WHERE id % 10 = 3;
VACUUM accounts;
VACUUM (FREEZE) history;
CHECKPOINT;
CALL transfers(500);
VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) accounts;
DELETE FROM accounts WHERE id > 2500;
VACUUM accounts;

-- Load, toast, updates of wide rows.
CREATE TABLE docs (id int, body text, extra jsonb);
COPY docs (id, body) FROM PROGRAM 'seq -f "%.0f	row" 1 2000';
INSERT INTO docs SELECT g, string_agg(md5(g::text || n), ''), '{"a": 1}' FROM generate_series(1, 40) g, generate_series(1, 300) n GROUP BY g;
UPDATE docs SET body = body || 'more' WHERE id <= 20;
DELETE FROM docs WHERE id % 3 = 0;
VACUUM docs;
UPDATE docs SET extra = '{"b": 2}' WHERE id < 500;

-- Row locks: multixacts, subtransactions, updates of locked rows.
CREATE TABLE parents (id int PRIMARY KEY, v int);
CREATE TABLE children (id int, parent int REFERENCES parents);
INSERT INTO parents SELECT g, 0 FROM generate_series(1, 100) g;
--# session a
BEGIN;
SELECT * FROM parents WHERE id < 30 FOR SHARE;
SAVEPOINT one;
SELECT * FROM parents WHERE id < 10 FOR UPDATE;
ROLLBACK TO one;
--# session b
BEGIN;
SELECT * FROM parents WHERE id < 20 FOR KEY SHARE;
INSERT INTO children SELECT g, g FROM generate_series(1, 100) g;
--# session c
BEGIN;
SELECT * FROM parents WHERE id BETWEEN 5 AND 40 FOR SHARE;
COMMIT;
--# session a
COMMIT;
--# session c
UPDATE parents SET v = v + 1 WHERE id < 25;
--# session b
SAVEPOINT two;
UPDATE parents SET v = v + 1 WHERE id BETWEEN 50 AND 60;
SAVEPOINT three;
DELETE FROM parents WHERE id = 99 AND NOT EXISTS (SELECT FROM children WHERE parent = 99);
ROLLBACK TO two;
INSERT INTO children VALUES (1000, 1);
COMMIT;
--# session main
BEGIN;
DECLARE c CURSOR FOR SELECT * FROM parents FOR UPDATE;
MOVE 10 IN c;
FETCH 5 FROM c;
UPDATE parents SET v = 7 WHERE CURRENT OF c;
ROLLBACK;
DO $$
BEGIN
  FOR i IN 1..80 LOOP
    BEGIN
      INSERT INTO children VALUES (i, i);
      IF i % 4 = 0 THEN RAISE EXCEPTION 'undo'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
INSERT INTO parents SELECT g, 1 FROM generate_series(90, 120) g ON CONFLICT (id) DO UPDATE SET v = excluded.v;
VACUUM (FREEZE) parents;

-- Prepared transactions.
BEGIN;
CREATE TABLE prepared (a int);
INSERT INTO prepared SELECT generate_series(1, 100);
UPDATE parents SET v = 9 WHERE id = 1;
PREPARE TRANSACTION 'first';
BEGIN;
INSERT INTO children VALUES (5000, 2);
PREPARE TRANSACTION 'second';
CHECKPOINT;
COMMIT PREPARED 'first';
ROLLBACK PREPARED 'second';

-- Partitions: a row that moves to another one.
CREATE TABLE parts (k int, v text) PARTITION BY LIST (k);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts2 PARTITION OF parts FOR VALUES IN (2);
INSERT INTO parts SELECT 1, g FROM generate_series(1, 50) g;
UPDATE parts SET k = 2 WHERE v::int % 2 = 0;

-- Sequences, truncation, files that come and go.
CREATE SEQUENCE counter CACHE 5;
SELECT nextval('counter') FROM generate_series(1, 200);
SELECT setval('counter', 1000000);
ALTER SEQUENCE counter RESTART;
CREATE UNLOGGED TABLE quick (a int PRIMARY KEY);
INSERT INTO quick SELECT generate_series(1, 100);
CREATE TABLE shrinks (a int, b text);
INSERT INTO shrinks SELECT g, repeat('y', 200) FROM generate_series(1, 2000) g;
DELETE FROM shrinks WHERE a > 100;
VACUUM shrinks;
TRUNCATE history;
INSERT INTO history (account, delta) SELECT g, g FROM generate_series(1, 100) g;
BEGIN;
TRUNCATE shrinks;
INSERT INTO shrinks SELECT g, 'again' FROM generate_series(1, 50) g;
ROLLBACK;
CREATE INDEX CONCURRENTLY docs_id ON docs (id);
REINDEX TABLE accounts;
DROP INDEX accounts_branch;
CLUSTER accounts USING accounts_pkey;
VACUUM FULL docs;
VACUUM FULL pg_class;
VACUUM FULL pg_database;
ALTER TABLE accounts ADD COLUMN note text DEFAULT 'none';
ALTER TABLE accounts ALTER COLUMN branch TYPE bigint;
CREATE MATERIALIZED VIEW totals AS SELECT branch, sum(balance) FROM accounts GROUP BY branch;
REFRESH MATERIALIZED VIEW totals;

-- Databases, both ways to copy one.
CREATE DATABASE copied STRATEGY file_copy;
CREATE DATABASE logged STRATEGY wal_log;
--# session inside copied
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 300);
--# close inside
--# session inside logged
CREATE TABLE t (a int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 300);
DELETE FROM t WHERE a % 2 = 0;
VACUUM t;
--# close inside
--# session main
DROP DATABASE copied;

-- With compressed images, and after a crash.
SET wal_compression = pglz;
CHECKPOINT;
CALL transfers(200);
BEGIN;
UPDATE accounts SET balance = -1 WHERE id < 100;
--# crash
UPDATE accounts SET balance = -2 WHERE id < 100;
VACUUM accounts;
CALL transfers(100);
CHECKPOINT;
VACUUM (FREEZE) pg_class;
DROP TABLE children, prepared, docs;
