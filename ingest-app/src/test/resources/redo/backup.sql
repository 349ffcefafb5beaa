-- A base backup of a running server, whose files are copied at two times, with changes before, between and after. Where no base is
-- asked for, the directives do nothing.
CREATE TABLE changed (id int PRIMARY KEY, v int, t text) WITH (fillfactor = 70);
CREATE INDEX changed_t ON changed (t);
INSERT INTO changed SELECT g, 0, 'start' || g FROM generate_series(1, 3000) g;
CREATE TABLE hashed (k int);
CREATE INDEX hashed_k ON hashed USING hash (k);
CREATE TABLE words (w text[]);
CREATE INDEX words_w ON words USING gin (w);
CREATE TABLE places (at point);
CREATE INDEX places_gist ON places USING gist (at);
CREATE INDEX places_quad ON places USING spgist (at);
INSERT INTO hashed SELECT g FROM generate_series(1, 500) g;
INSERT INTO words SELECT ARRAY['w' || g % 50, 'v' || g] FROM generate_series(1, 400) g;
INSERT INTO places SELECT point(g * 7919 % 1009, g * 104729 % 1013) FROM generate_series(1, 500) g;
CREATE SEQUENCE counter;
VACUUM (FREEZE) changed;
CREATE PROCEDURE churn(seed int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..60 LOOP
    UPDATE changed SET v = v + 1 WHERE id % 60 = i;
    UPDATE changed SET t = 'moved' || seed || '.' || id WHERE id % 97 = i;
    DELETE FROM changed WHERE id = seed * 100 + i;
    INSERT INTO changed SELECT seed * 10000 + i * 10 + g, i, 'new' || g FROM generate_series(1, 5) g;
    INSERT INTO hashed SELECT seed * 1000 + i * 7 + g FROM generate_series(1, 6) g;
    INSERT INTO words SELECT ARRAY['w' || i, 'x' || seed || '.' || g] FROM generate_series(1, 5) g;
    INSERT INTO places SELECT point(seed * i % 1009, g * 31 % 1013) FROM generate_series(1, 5) g;
    PERFORM nextval('counter');
    IF i % 13 = 0 THEN ROLLBACK; ELSE COMMIT; END IF;
  END LOOP;
END $$;
CALL churn(1);
--# backup start
CALL churn(2);
VACUUM changed, hashed, words, places;
CHECKPOINT;
CALL churn(3);
--# backup copy even
CREATE TABLE made_meanwhile (a int PRIMARY KEY);
INSERT INTO made_meanwhile SELECT generate_series(1, 500);
CALL churn(4);
VACUUM changed, hashed, words, places;
DELETE FROM made_meanwhile WHERE a > 20;
VACUUM made_meanwhile;
BEGIN;
DELETE FROM made_meanwhile WHERE a < 5;
PREPARE TRANSACTION 'meanwhile';
CHECKPOINT;
CALL churn(5);
--# backup copy odd
CALL churn(6);
VACUUM FULL pg_class;
--# backup stop
CALL churn(7);
CHECKPOINT;
CALL churn(8);
COMMIT PREPARED 'meanwhile';
VACUUM (FREEZE) changed;
CALL churn(9);
