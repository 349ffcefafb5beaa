-- GiST: every record that changes a page, with keys of fixed and of varying length.

-- Splits of leaves, of inner pages and of the root; the index exists before its rows.
CREATE TABLE places (id int, at point);
CREATE INDEX places_at ON places USING gist (at) WITH (fillfactor = 90);
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(1, 5000) g;
CREATE TABLE areas (id int, area box, span int4range);
CREATE INDEX areas_area ON areas USING gist (area) WITH (buffering = off);
CREATE INDEX areas_span ON areas USING gist (span);
INSERT INTO areas SELECT g, box(point(g % 97, g % 89), point(g % 97 + g % 7, g % 89 + g % 11)), int4range(g * 31 % 5003, g * 31 % 5003 + g % 13)
  FROM generate_series(1, 2500) g;
CHECKPOINT;

-- Wide keys: inner pages split, so that the split of a page completes that of its child.
CREATE TABLE shapes (id int, shape polygon, words tsvector);
CREATE INDEX shapes_words ON shapes USING gist (words tsvector_ops (siglen = 2000));
CREATE INDEX shapes_shape ON shapes USING gist (shape);
INSERT INTO shapes SELECT g, polygon(8, circle(point(g * 37 % 1009, g * 41 % 1013), g % 17 + 1)),
    (SELECT to_tsvector('simple', string_agg(md5((g * n)::text), ' ')) FROM generate_series(1, 60) n)
  FROM generate_series(1, 700) g;

-- Right after a checkpoint each first change of a page is an image, that of a left child, too.
CREATE PROCEDURE after_checkpoints(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..n LOOP
    CHECKPOINT;
    INSERT INTO places SELECT g, point(g * 7919 % 10007 + 0.25, g * 104729 % 10009)
      FROM generate_series(i * 100, i * 100 + 150) g;
    COMMIT;
  END LOOP;
END $$;
CALL after_checkpoints(12);

-- Dead tuples that a scan finds are removed when their page would have to be split. Replay marks such a page with
-- "tuples deleted", the primary does not: PostgreSQL's own check would stop at the difference.
SET wal_consistency_checking = '';
CREATE TABLE killed (id int, at point);
CREATE INDEX killed_at ON killed USING gist (at);
INSERT INTO killed SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(1, 3000) g;
DELETE FROM killed WHERE id % 3 = 0;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) FROM killed WHERE at <@ box(point(0, 0), point(11000, 11000));
INSERT INTO killed SELECT g, point(g * 7919 % 10007 + 0.5, g * 104729 % 10009 + 0.5) FROM generate_series(1, 3000) g;
RESET enable_seqscan;
RESET enable_bitmapscan;
RESET wal_consistency_checking;

-- Vacuum: single tuples, whole pages, and pages that are used again.
DELETE FROM areas WHERE id % 5 = 0;
VACUUM (INDEX_CLEANUP ON) areas;
DELETE FROM places WHERE at <@ box(point(0, 0), point(11000, 6000));
VACUUM (INDEX_CLEANUP ON) places;
DELETE FROM areas;
DELETE FROM shapes WHERE id > 100;
VACUUM (INDEX_CLEANUP ON) areas;
VACUUM (INDEX_CLEANUP ON) shapes;
SELECT txid_current();
SELECT txid_current();
VACUUM (INDEX_CLEANUP ON) places, areas, shapes;
INSERT INTO places SELECT g, point(g * 7919 % 10007, g * 104729 % 10009) FROM generate_series(1, 2500) g;
INSERT INTO areas SELECT g, box(point(g % 97, g % 89), point(g % 97 + g % 7, g % 89 + g % 11)), int4range(g, g + g % 13)
  FROM generate_series(1, 1500) g;

-- Keys of columns that are not indexed by it, null values, and an index made from rows.
CREATE TABLE tags (id int, at point, name text, note text);
INSERT INTO tags SELECT g, CASE WHEN g % 4 = 0 THEN NULL ELSE point(g % 101, g % 103) END, 'n' || g, repeat('x', g % 50) FROM generate_series(1, 800) g;
CREATE INDEX tags_at ON tags USING gist (at) INCLUDE (name, note);
CREATE INDEX tags_box ON tags USING gist (box(at, at)) WITH (buffering = on);
INSERT INTO tags SELECT g, point(g % 107, g % 109), 'm' || g, repeat('y', g % 70) FROM generate_series(1, 1500) g;
UPDATE tags SET note = note || 'z', at = at + point(0.5, 0.5) WHERE id % 7 = 0;
VACUUM (INDEX_CLEANUP ON) tags;
