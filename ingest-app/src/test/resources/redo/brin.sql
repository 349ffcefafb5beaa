-- Every type of record of BRIN indexes.

-- A range for each page of the table, and more ranges than a page of the map holds.
CREATE TABLE ranges (n int, t text);
ALTER TABLE ranges ALTER COLUMN t SET STORAGE PLAIN;
INSERT INTO ranges SELECT g, repeat('x', 5000) FROM generate_series(1, 200) g;
CREATE INDEX ranges_n ON ranges USING brin (n) WITH (pages_per_range = 1);
INSERT INTO ranges SELECT g, repeat('x', 5000) FROM generate_series(201, 1500) g;
SELECT brin_summarize_new_values('ranges_n');
INSERT INTO ranges SELECT g, repeat('x', 5000) FROM generate_series(1501, 1600) g;
VACUUM ranges;
CHECKPOINT;

-- Ranges lose their summary and get it again.
SELECT brin_desummarize_range('ranges_n', 10);
SELECT brin_desummarize_range('ranges_n', g) FROM generate_series(300, 340) g;
SELECT brin_desummarize_range('ranges_n', g) FROM generate_series(1400, 1420, 3) g;
SELECT brin_summarize_range('ranges_n', 10);
SELECT brin_summarize_new_values('ranges_n');

-- Summaries that change within their page, and those that become too long for it.
CREATE TABLE words (n int, w text);
ALTER TABLE words ALTER COLUMN w SET STORAGE PLAIN;
INSERT INTO words SELECT g, 'm' || repeat('y', 200) FROM generate_series(1, 4000) g;
CREATE INDEX words_w ON words USING brin (w) WITH (pages_per_range = 2);
CREATE INDEX words_n ON words USING brin (n int4_minmax_multi_ops, w) WITH (pages_per_range = 4);
DELETE FROM words WHERE n % 3 = 0;
VACUUM words;
INSERT INTO words SELECT g, 'z' || repeat('q', 150) FROM generate_series(5001, 5600) g;
INSERT INTO words SELECT g * 3, 'a' || repeat(chr(97 + g % 20), 180) FROM generate_series(1, 400) g;
DELETE FROM words WHERE n % 5 < 2;
VACUUM words;
CHECKPOINT;
INSERT INTO words SELECT -g, chr(65 + g % 50) || repeat('w', 195) FROM generate_series(1, 700) g;
SELECT brin_summarize_new_values('words_w'), brin_summarize_new_values('words_n');

-- Other kinds of summaries, nulls, an init fork.
CREATE TABLE kinds (a inet, b box, c timestamptz, d int);
INSERT INTO kinds SELECT ('10.0.' || g % 200 || '.' || g % 100)::inet, box(point(g, g), point(g + 1, g + 2)), now() + g * interval '1 hour', nullif(g % 10, 3) FROM generate_series(1, 3000) g;
CREATE INDEX kinds_inclusion ON kinds USING brin (a inet_inclusion_ops, b) WITH (pages_per_range = 1);
CREATE INDEX kinds_bloom ON kinds USING brin (d int4_bloom_ops, c) WITH (pages_per_range = 1, autosummarize = on);
UPDATE kinds SET a = ('11.1.1.' || d)::inet, d = NULL WHERE d = 5;
INSERT INTO kinds SELECT NULL, NULL, NULL, g FROM generate_series(1, 500) g;
SELECT brin_summarize_new_values('kinds_inclusion'), brin_summarize_new_values('kinds_bloom');
CREATE UNLOGGED TABLE unlogged_one (k int);
CREATE INDEX ON unlogged_one USING brin (k);
