--# setting track_commit_timestamp=on
--# setting wal_log_hints=on
-- What is not an access method: transaction status, multixacts, commit timestamps, relation maps,
-- prepared transactions, sizes of files, copied databases.

-- More transactions than a page of the commit log has, in trees that reach over its end.
CREATE TABLE marks (a int, b int);
DO $$
BEGIN
  FOR i IN 1..17000 LOOP
    BEGIN
      INSERT INTO marks VALUES (i, i);
      IF i % 5 = 0 THEN RAISE EXCEPTION 'undo'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
CHECKPOINT;
DO $$
BEGIN
  FOR i IN 1..17500 LOOP
    BEGIN
      INSERT INTO marks VALUES (i, -i);
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
INSERT INTO marks SELECT g, 0 FROM generate_series(1, 20) g;
BEGIN;
SAVEPOINT one;
INSERT INTO marks VALUES (0, 1);
SAVEPOINT two;
INSERT INTO marks VALUES (0, 2);
ROLLBACK TO one;
INSERT INTO marks VALUES (0, 3);
ROLLBACK;

-- More multixacts than a page of offsets has, and members on several pages.
CREATE TABLE locked (id int PRIMARY KEY, v int);
INSERT INTO locked SELECT g, 0 FROM generate_series(1, 2600) g;
--# session a
BEGIN;
SELECT count(*) FROM (SELECT * FROM locked FOR KEY SHARE) s;
--# session b
BEGIN;
DO $$
BEGIN
  FOR i IN 1..2600 LOOP
    BEGIN
      PERFORM * FROM locked WHERE id = i FOR SHARE;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;
--# session c
BEGIN;
SELECT count(*) FROM (SELECT * FROM locked WHERE id < 300 FOR KEY SHARE) s;
COMMIT;
--# session b
COMMIT;
--# session c
BEGIN;
UPDATE locked SET v = v + 1 WHERE id < 100;
--# session a
COMMIT;
--# session c
ROLLBACK;
--# session main
CHECKPOINT;
VACUUM (FREEZE) locked;

-- Files that grow and shrink, with their visibility maps.
CREATE TABLE sized (a int, b text);
INSERT INTO sized SELECT g, repeat('z', 500) FROM generate_series(1, 6000) g;
VACUUM sized;
DELETE FROM sized WHERE a > 3000;
VACUUM sized;
INSERT INTO sized SELECT g, repeat('y', 500) FROM generate_series(1, 500) g;
DELETE FROM sized WHERE a > 700;
VACUUM sized;
CREATE INDEX sized_a ON sized (a);
TRUNCATE sized;
INSERT INTO sized SELECT g, 'short' FROM generate_series(1, 700) g;
VACUUM sized;
DELETE FROM sized;
VACUUM sized;
INSERT INTO sized SELECT g, 'short' FROM generate_series(1, 10) g;
CREATE TABLE empty (a int);
CREATE UNLOGGED TABLE unlogged (a int PRIMARY KEY);
INSERT INTO unlogged SELECT generate_series(1, 100);
CREATE TABLE gone AS SELECT * FROM marks;
DROP TABLE gone;
BEGIN;
CREATE TABLE never AS SELECT * FROM marks;
ROLLBACK;

-- Databases: copies of copies, with changes before and after, in another tablespace.
CREATE DATABASE zero STRATEGY wal_log;
--# session inside zero
CREATE TABLE marks AS SELECT g AS a, 0 AS b FROM generate_series(1, 12000) g;
CREATE TABLE sized AS SELECT g AS a, repeat('z', 500) AS b FROM generate_series(1, 2000) g;
VACUUM;
DELETE FROM sized WHERE a > 1000;
VACUUM sized;
--# close inside
--# session main
CREATE DATABASE first TEMPLATE zero STRATEGY file_copy;
--# session inside first
CREATE TABLE own (a int PRIMARY KEY);
INSERT INTO own SELECT generate_series(1, 3000);
DELETE FROM own WHERE a > 500;
VACUUM own;
DELETE FROM sized WHERE a > 200;
VACUUM sized;
UPDATE marks SET b = 7 WHERE a < 100;
TRUNCATE sized;
VACUUM FULL pg_class;
--# close inside
--# session main
CREATE DATABASE second TEMPLATE first STRATEGY file_copy;
--# session inside second
INSERT INTO own SELECT generate_series(4000, 4100);
DELETE FROM marks WHERE a > 10000;
VACUUM marks;
--# close inside
--# session inside first
DELETE FROM own;
VACUUM own;
--# close inside
--# session main
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE place LOCATION '';
CREATE DATABASE third TEMPLATE second STRATEGY file_copy TABLESPACE place;
--# session inside third
VACUUM FULL pg_class;
INSERT INTO own SELECT generate_series(5000, 5100);
--# close inside
--# session main
CREATE DATABASE fourth TEMPLATE third STRATEGY wal_log;
ALTER DATABASE first SET TABLESPACE place;
DROP DATABASE third;
DROP TABLE locked;

-- Prepared transactions that stay.
BEGIN;
INSERT INTO marks VALUES (1, 1);
SAVEPOINT one;
INSERT INTO marks VALUES (1, 2);
CREATE TABLE later (a int);
DROP TABLE empty;
PREPARE TRANSACTION 'stays';
BEGIN;
INSERT INTO marks VALUES (1, 3);
PREPARE TRANSACTION 'goes';
CHECKPOINT;
COMMIT PREPARED 'goes';
BEGIN;
INSERT INTO marks VALUES (1, 4);
SAVEPOINT one;
INSERT INTO marks VALUES (1, 5);
PREPARE TRANSACTION 'goes back';
CHECKPOINT;
ROLLBACK PREPARED 'goes back';
INSERT INTO marks VALUES (2, 2);
CHECKPOINT;
INSERT INTO marks VALUES (3, 3);
