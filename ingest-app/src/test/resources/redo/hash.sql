-- Every type of record of hash indexes.

-- Growth: overflow pages, splits of buckets, then dead tuples of former splits.
CREATE TABLE grown (k int, n int);
CREATE INDEX grown_k ON grown USING hash (k) WITH (fillfactor = 20);
INSERT INTO grown SELECT g, g FROM generate_series(1, 4000) g;
CHECKPOINT;
INSERT INTO grown SELECT g % 50, g FROM generate_series(4001, 7000) g;
VACUUM grown;
DELETE FROM grown WHERE n % 3 = 0;
VACUUM grown;
INSERT INTO grown SELECT g, g FROM generate_series(10001, 13000) g;
DELETE FROM grown WHERE n < 9000;
VACUUM grown;
INSERT INTO grown SELECT g, g FROM generate_series(20001, 22000) g;

-- One key in a chain of pages: the last page becomes empty, one in the middle, then nearly all.
CREATE TABLE chain (k int, n int);
CREATE INDEX chain_k ON chain USING hash (k);
INSERT INTO chain SELECT 1, g FROM generate_series(1, 1000) g;
DELETE FROM chain WHERE n > 814;
VACUUM chain;
INSERT INTO chain SELECT 1, g FROM generate_series(1001, 3500) g;
DELETE FROM chain WHERE n BETWEEN 1200 AND 1800 OR n % 5 = 0;
VACUUM chain;
INSERT INTO chain SELECT 1, g FROM generate_series(4001, 5000) g;
DELETE FROM chain WHERE n % 2 = 0;
VACUUM chain;
DELETE FROM chain WHERE n > 700;
VACUUM chain;
CHECKPOINT;
INSERT INTO chain SELECT 1, g FROM generate_series(6001, 7500) g;
DELETE FROM chain WHERE n % 3 > 0;
VACUUM chain;
DELETE FROM chain;
VACUUM chain;

-- Items known to be dead go when a page is full.
CREATE TABLE dead (k int, n int) WITH (fillfactor = 50);
CREATE INDEX dead_k ON dead USING hash (k);
INSERT INTO dead SELECT 7, g FROM generate_series(1, 800) g;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
DELETE FROM dead WHERE n % 4 = 0;
SELECT count(*) FROM dead WHERE k = 7;
INSERT INTO dead SELECT 7, g FROM generate_series(1001, 1300) g;
DELETE FROM dead WHERE n % 4 = 1;
SELECT count(*) FROM dead WHERE k = 7;
INSERT INTO dead SELECT 7, g FROM generate_series(2001, 2400) g;
VACUUM dead;
RESET ALL;

-- Many buckets from the beginning, on other types; an init fork.
CREATE TABLE many (n int, t text DEFAULT 'x');
COPY many (n) FROM PROGRAM 'seq 1 70000';
ANALYZE many;
CREATE INDEX many_n ON many USING hash (n) WITH (fillfactor = 10) WHERE n < 300;
CREATE INDEX many_t ON many USING hash (t) WHERE n < 200;
INSERT INTO many SELECT g, md5(g::text) FROM generate_series(1, 100) g;
CREATE UNLOGGED TABLE unlogged_one (k int);
CREATE INDEX ON unlogged_one USING hash (k);
TRUNCATE chain;
INSERT INTO chain SELECT g, g FROM generate_series(1, 50) g;
