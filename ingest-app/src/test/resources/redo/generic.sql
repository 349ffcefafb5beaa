-- Generic records: bloom indexes log their changes as bytes.

CREATE EXTENSION bloom;
CREATE TABLE blooms (id int, a int, b int);
INSERT INTO blooms SELECT g, g % 17, g % 29 FROM generate_series(1, 1000) g;
CREATE INDEX blooms_ab ON blooms USING bloom (a, b) WITH (length = 64);
INSERT INTO blooms SELECT g, g % 17, g % 29 FROM generate_series(1001, 2500) g;
DELETE FROM blooms WHERE id % 3 = 0;
VACUUM blooms;
INSERT INTO blooms SELECT g, g % 17, g % 29 FROM generate_series(3001, 3800) g;
CHECKPOINT;
DELETE FROM blooms WHERE id < 2000;
VACUUM blooms;
VACUUM blooms;
INSERT INTO blooms SELECT g, g % 17, g % 29 FROM generate_series(4001, 5000) g;
