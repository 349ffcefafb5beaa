-- Sequences: made, used, changed, reset, dropped; of all three types.

CREATE SEQUENCE plain;
CREATE SEQUENCE small AS smallint INCREMENT -1 CACHE 5;
CREATE SEQUENCE large AS bigint START 4000000000 MAXVALUE 9000000000000000000 CYCLE;
CREATE TABLE ids (id int GENERATED ALWAYS AS IDENTITY, n bigserial);
SELECT nextval('plain'), nextval('small'), nextval('large') FROM generate_series(1, 100);
SELECT setval('plain', 5000), setval('large', 8999999999999999999, false);
CHECKPOINT;
SELECT nextval('plain'), nextval('large') FROM generate_series(1, 100);
ALTER SEQUENCE plain RESTART WITH 7;
ALTER SEQUENCE small AS int NO MINVALUE INCREMENT 3;
INSERT INTO ids SELECT FROM generate_series(1, 200);
TRUNCATE ids RESTART IDENTITY;
INSERT INTO ids SELECT FROM generate_series(1, 10);
BEGIN;
SELECT nextval('plain') FROM generate_series(1, 40);
ALTER SEQUENCE large RESTART;
ROLLBACK;
CREATE UNLOGGED TABLE unlogged_ids (id serial);
INSERT INTO unlogged_ids SELECT FROM generate_series(1, 10);
--# crash
SELECT nextval('plain');
INSERT INTO unlogged_ids SELECT FROM generate_series(1, 10);
DROP SEQUENCE large;
