-- GIN: every record, in the tree of entries, in posting trees and in the pending list.

-- The tree of entries, with wide keys: its pages split at all levels.
CREATE TABLE words (id int, word text[]);
CREATE INDEX words_word ON words USING gin (word) WITH (fastupdate = off);
CREATE FUNCTION wide(i int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg(md5(i::text || n), '') FROM generate_series(1, 40) n
$$;
INSERT INTO words SELECT g, ARRAY[wide(g * 7919 % 1009)] FROM generate_series(1, 500) g;
INSERT INTO words SELECT g, ARRAY['short' || g % 50, 'other' || g] FROM generate_series(501, 1200) g;
CHECKPOINT;
CREATE PROCEDURE after_checkpoints(n int) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..n LOOP
    CHECKPOINT;
    INSERT INTO words SELECT g, ARRAY[wide(g)] FROM generate_series(2000 + i * 40, 2039 + i * 40) g;
    COMMIT;
  END LOOP;
END $$;
CALL after_checkpoints(8);

-- A posting list that becomes a tree, one row at a time; the rows are far apart.
CREATE TABLE tagged (id int, tags int[], filler text) WITH (fillfactor = 10);
CREATE INDEX tagged_tags ON tagged USING gin (tags) WITH (fastupdate = off);
INSERT INTO tagged SELECT g, ARRAY[1, 100 + g % 10], repeat('f', 300) FROM generate_series(1, 2500) g;

-- Posting trees with inner pages: rows that were there before the index, then more of them.
SET wal_consistency_checking = '';
CREATE TABLE many (id int, tags int[]) WITH (fillfactor = 50);
INSERT INTO many SELECT g, ARRAY[1, 2 + g % 3, 10 + g % 2000] FROM generate_series(1, 60000) g;
CREATE INDEX many_tags ON many USING gin (tags) WITH (fastupdate = off);
RESET wal_consistency_checking;
CHECKPOINT;
INSERT INTO many SELECT g, ARRAY[1, 2 + g % 3] FROM generate_series(60001, 62000) g;

-- Vacuum: some items of each page, whole segments, whole pages; the entries' own lists, too.
DELETE FROM many WHERE id % 97 = 0;
DELETE FROM words WHERE id % 6 = 0;
VACUUM (INDEX_CLEANUP ON) many, words;
DELETE FROM many WHERE id % 4000 < 700;
VACUUM (INDEX_CLEANUP ON) many;
DELETE FROM many WHERE id BETWEEN 10000 AND 45000;
VACUUM (INDEX_CLEANUP ON) many;
SELECT txid_current();
-- The places of deleted rows are used again: items are added within the lists.
INSERT INTO many SELECT g, ARRAY[1, 2 + g % 3] FROM generate_series(1, 1500) g;
SET wal_consistency_checking = '';
INSERT INTO many SELECT g, ARRAY[1, 2 + g % 3] FROM generate_series(1, 8000) g;
RESET wal_consistency_checking;
UPDATE many SET tags = tags || 5 WHERE id % 31 = 0;
DELETE FROM many WHERE id % 2 = 0;
VACUUM (INDEX_CLEANUP ON) many;
INSERT INTO many SELECT g, ARRAY[1, 3, 1000000 + g] FROM generate_series(1, 1500) g;

-- The pending list: rows that fit its last page, rows that need pages of their own.
CREATE TABLE notes (id int, body tsvector, keys int[]);
CREATE INDEX notes_body ON notes USING gin (body) WITH (fastupdate = on);
CREATE INDEX notes_both ON notes USING gin (keys, body) WITH (fastupdate = on, gin_pending_list_limit = 64);
INSERT INTO notes SELECT g, to_tsvector('simple', 'all w' || g % 13 || ' v' || g), ARRAY[g % 5, g] FROM generate_series(1, 1200) g;
INSERT INTO notes SELECT g, (SELECT to_tsvector('simple', string_agg('k' || n * g % 5003, ' ')) FROM generate_series(1, 900) n), '{}'
  FROM generate_series(1, 25) g;
SELECT gin_clean_pending_list('notes_body');
SELECT gin_clean_pending_list('notes_both');
INSERT INTO notes VALUES (0, NULL, NULL), (1, '', '{}'), (2, 'one', ARRAY[NULL, 1]);
INSERT INTO notes SELECT g, to_tsvector('simple', 'all u' || g % 29), ARRAY[g % 7] FROM generate_series(1, 900) g;
DELETE FROM notes WHERE id % 3 = 0;
VACUUM (INDEX_CLEANUP ON) notes;
INSERT INTO notes SELECT g, to_tsvector('simple', 'all x' || g), ARRAY[g] FROM generate_series(1, 400) g;
ANALYZE notes;
VACUUM (INDEX_CLEANUP ON) notes;

-- JSON, and one cleaning of a list that fills posting trees.
CREATE TABLE docs (id int, doc jsonb);
CREATE INDEX docs_doc ON docs USING gin (doc) WITH (fastupdate = on, gin_pending_list_limit = 1024);
INSERT INTO docs SELECT g, jsonb_build_object('a', g % 3, 'b', 'x' || g % 40, 'c', jsonb_build_array(g % 2, g)) FROM generate_series(1, 3000) g;
SELECT gin_clean_pending_list('docs_doc');
DELETE FROM docs WHERE id % 4 = 1;
VACUUM (INDEX_CLEANUP ON) docs;
INSERT INTO docs SELECT g, jsonb_build_object('a', g % 3, 'b', 'x' || g % 40) FROM generate_series(1, 1000) g;
SELECT gin_clean_pending_list('docs_doc');
