-- SP-GiST: every record, in trees of text, points, boxes, ranges and addresses.

-- Radix trees: prefixes that are split, nodes that are added, tuples that move.
CREATE TABLE paths (id int, path text);
CREATE INDEX paths_path ON paths USING spgist (path);
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.example/' || md5((g * 31)::text) FROM generate_series(1, 1500) g;
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.other/a/' || g FROM generate_series(1, 800) g;
INSERT INTO paths SELECT g, chr(33 + g % 90) || chr(33 + g / 90 % 90) || repeat('t', g % 40) || g FROM generate_series(1, 2500) g;
INSERT INTO paths SELECT g, repeat('long', 200) || g % 3 || repeat('tail', g % 100) || g FROM generate_series(1, 300) g;
INSERT INTO paths SELECT g, substr('http://host1.example/', 1, 3 + g % 18) || chr(200 + g % 150) || g FROM generate_series(1, 900) g;
INSERT INTO paths SELECT g, NULL FROM generate_series(1, 900) g;
CHECKPOINT;

-- Inner tuples get a node at a time, all of a page: one that has no room there moves, and leaves a redirection.
CREATE TABLE fans (id int, name text);
CREATE INDEX fans_name ON fans USING spgist (name);
INSERT INTO fans SELECT g, chr(97 + g % 40 % 8) || chr(65 + g % 40 / 8) || chr(33 + g / 40) || repeat('f', 600) || g FROM generate_series(0, 2399) g;
INSERT INTO fans SELECT g, 'deep' || chr(97 + g % 6) || chr(65 + g / 6 % 6) || chr(33 + g / 36) || repeat('f', 800) || g FROM generate_series(0, 1799) g;

-- The only tuple of a node dies; the next one of that node does not fit on its page.
CREATE TABLE singles (id int, name text);
CREATE INDEX singles_name ON singles USING spgist (name);
INSERT INTO singles SELECT g, chr(48 + g) || repeat('s', 60) FROM generate_series(0, 75) g;
INSERT INTO singles SELECT g, repeat('z', 600) || g FROM generate_series(100, 140) g;
DELETE FROM singles WHERE id < 75 AND id % 2 = 0;
VACUUM (INDEX_CLEANUP ON) singles;
INSERT INTO singles SELECT g, chr(49 + g % 36 * 2) || repeat('t', 100) || g FROM generate_series(0, 71) g;
INSERT INTO singles SELECT g, chr(48 + g * 2) || repeat('l', 2000) FROM generate_series(0, 37) g;
CREATE PROCEDURE after_checkpoints(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..n LOOP
    CHECKPOINT;
    INSERT INTO fans SELECT g, chr(65 + g % 26) || chr(97 + g / 26 % 26) || chr(200 + g % 100) || i
      FROM generate_series(i * 200, i * 200 + 199) g;
    COMMIT;
  END LOOP;
END $$;
CALL after_checkpoints(8);

-- Points in both trees, the rest of the core classes.
CREATE TABLE places (id int, at point, area box, span int4range, host inet);
CREATE INDEX places_quad ON places USING spgist (at);
CREATE INDEX places_kd ON places USING spgist (at kd_point_ops);
CREATE INDEX places_area ON places USING spgist (area);
CREATE INDEX places_span ON places USING spgist (span);
CREATE INDEX places_host ON places USING spgist (host);
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009), box(point(g % 97, g % 89), point(g % 97 + g % 7, g % 89 + g % 11)),
    int4range(g * 31 % 5003, g * 31 % 5003 + g % 13), ('10.' || g % 200 || '.' || g / 200 % 200 || '.' || g % 7)::inet
  FROM generate_series(1, 1500) g;
INSERT INTO places SELECT g, point(5, 5), NULL, 'empty', NULL FROM generate_series(1, 600) g;

-- Vacuum of redirections and of the placeholders at the end of a page.
SELECT txid_current();
VACUUM (INDEX_CLEANUP ON) paths, fans, places;

-- Rows are deleted here and there, then whole chains; their places are used again.
DELETE FROM paths WHERE id % 3 = 0;
DELETE FROM places WHERE id % 4 < 2;
VACUUM (INDEX_CLEANUP ON) paths, places;
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.example/' || md5((g * 37)::text) FROM generate_series(1, 1000) g;
INSERT INTO places SELECT g, point(g * 7919 % 10007 + 0.5, g * 104729 % 10009), box(point(g % 97, g % 89), point(g % 97 + g % 7, g % 89 + g % 11)),
    int4range(g * 31 % 5003, g * 31 % 5003 + g % 13), ('10.' || g % 200 || '.' || g / 200 % 200 || '.' || g % 9)::inet
  FROM generate_series(1, 1200) g;
DELETE FROM places WHERE at <@ box(point(0, 0), point(6000, 6000));
DELETE FROM fans WHERE name < 'm';
VACUUM (INDEX_CLEANUP ON) places, fans;
INSERT INTO places (id, at) SELECT g, point(g * 7919 % 6007, g * 104729 % 6011) FROM generate_series(1, 2500) g;
INSERT INTO fans SELECT g, chr(97 + g % 12) || chr(97 + g / 26 % 26) || chr(33 + g % 90) || g FROM generate_series(1, 2500) g;
UPDATE paths SET path = path || '/' || id WHERE id % 5 = 0;
SELECT txid_current();
VACUUM (INDEX_CLEANUP ON) places, fans, paths;

-- A tree that is only its root, and one that stays small.
CREATE TABLE small (id int, name text, note text);
CREATE INDEX small_name ON small USING spgist (name) INCLUDE (note);
INSERT INTO small SELECT g, CASE WHEN g % 3 = 0 THEN NULL ELSE 'n' || g END, CASE WHEN g % 5 = 0 THEN NULL ELSE 'note' || g END FROM generate_series(1, 60) g;
DELETE FROM small WHERE id % 2 = 0;
VACUUM (INDEX_CLEANUP ON) small;
INSERT INTO small SELECT g, 'm' || g, repeat('note', g % 30) FROM generate_series(1, 1500) g;
DELETE FROM small WHERE id % 4 <> 1;
VACUUM (INDEX_CLEANUP ON) small;

-- A long transaction keeps redirections from being removed until it ends.
--# session old
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM paths;
--# session main
INSERT INTO paths SELECT g, 'http://host' || g % 7 || '.example/' || md5((g * 41)::text) || repeat('u', g % 60) FROM generate_series(1, 1500) g;
VACUUM (INDEX_CLEANUP ON) paths;
--# session old
COMMIT;
--# session main
VACUUM (INDEX_CLEANUP ON) paths;

-- Indexes made from rows, then changed.
CREATE INDEX paths_again ON paths USING spgist (path);
INSERT INTO paths SELECT g, 'zz' || md5(g::text) FROM generate_series(1, 600) g;
DELETE FROM paths WHERE path > 'http://host4';
VACUUM (INDEX_CLEANUP ON) paths;
