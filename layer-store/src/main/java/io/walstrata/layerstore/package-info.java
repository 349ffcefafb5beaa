/**
 * The storage engine's door: {@link io.walstrata.layerstore.LayerStore} keeps one partition's page
 * versions in layers and reads as of any LSN: a page, many pages, all pages of a key range, or the
 * history of a page over an LSN range. With a redo the pages themselves are read, otherwise what
 * they are made from.
 *
 * <p>The glossary, for code, messages and docs. A concept has one word; in parentheses, words that
 * are not used for it.
 *
 * <ul>
 *   <li><b>timeline</b>: one totally ordered history of changes, such as a database's (not: branch,
 *       stream, log). PostgreSQL's own timelines are called <i>PostgreSQL timelines</i>.
 *   <li><b>key</b>: what is versioned, a page; 18 bytes (not: page id).
 *   <li><b>LSN</b>: unsigned 64-bit position in the timeline's write-ahead log (not: offset, which
 *       is a Kafka record's).
 *   <li><b>record</b>: of a topic, what Kafka numbers with an offset; a <b>WAL record</b> is
 *       PostgreSQL's (not: entry, row, event). A <b>message</b> is a record's content.
 *   <li><b>version</b>: a value with its key and LSN. A <b>value</b> is a whole page, called an
 *       <b>image</b>, or a WAL record to replay on an older version. A value with <i>will_init</i>
 *       needs no older version. A <b>base</b> is an image or a will_init record.
 *   <li><b>tombstone</b>: a key range that has no pages from an LSN on, until they are written
 *       again (not: drop, deletion).
 *   <li><b>progress</b>: a mark that the log has been read up to an LSN although no version came
 *       with it (not: advance, move, reach).
 *   <li><b>layer</b>: versions of many keys over an LSN range: <i>open</i> (takes versions),
 *       <i>frozen</i> (being written to a file) or <i>delta</i> (an immutable file).
 *   <li><b>freeze point</b>: a topic offset at which every open layer of the partition is frozen
 *       (not: checkpoint).
 *   <li><b>flush</b>: writing frozen layers to delta files (not: spill, dump).
 *   <li><b>durable</b>: in a layer file that the manifest on disk names.
 *   <li><b>home</b>: where a partition's layer files and manifest are kept.
 *   <li><b>manifest</b>: the list of a partition's layers, and the last offset that they cover.
 *   <li><b>owner</b>: the process that has the claim of a home and alone writes to it (not: holder,
 *       leader).
 *   <li><b>claim</b> of a home: the right of one process to write to it, from {@link
 *       io.walstrata.layerstore.home.LayerHome#claim} until it is closed. It has an <b>epoch</b>; a
 *       later claim <b>fences</b> the earlier owner.
 *   <li><b>producer's claim</b>: a record with which the producer of a log states up to which LSN
 *       the topic has that log; where only producers are meant, a claim.
 *   <li><b>reconstruct data</b>: the newest base at or below an LSN and the WAL records after it.
 *   <li><b>redo</b>: making the page from that base and those records, which the {@code PageRedo}
 *       that a store is opened with does; without one a store has no pages. To <b>replay</b> a
 *       record is to make its change on the page.
 *   <li><b>refused</b>: of a page that redo cannot make exactly, with the record and the reason
 *       (not: failed, skipped). <b>absent</b>: of a page that does not exist as of the LSN.
 *   <li><b>assumption</b>: a fact that redo needed, that history does not state, and that the
 *       answer therefore names.
 *   <li><b>history</b> of a page: one item for each LSN at which it was written, or covered by a
 *       new tombstone.
 *   <li><b>cursor</b>: reads a layer's versions by ascending key (not: iterator).
 *   <li><b>cost</b> of a read: layers asked, blocks and bytes read, records replayed.
 *   <li><b>gap</b>: records that a topic no longer has and no layer covers (not: hole).
 *   <li><b>bad record</b>: one that cannot be ingested; it becomes a <b>dead letter</b>, or stops
 *       the job.
 * </ul>
 *
 * <p>Words that are used nowhere in code, messages or docs, and what is written instead. A test
 * reads this list.
 *
 * <ul>
 *   <li>behind: after, greater than, lags
 *   <li>anew: again
 *   <li>be it: whether
 *   <li>goes on, go on, went on, going on: continues, resumes
 *   <li>lets go, let go: releases
 *   <li>hands over, hand over, handed over: passes, returns
 *   <li>passes over, passed over: skips
 *   <li>tells: reports, returns, states
 *   <li>somebody, nobody: the caller, the owner, no reader
 *   <li>comes to what, came to what, come to what: the outcome
 *   <li>what there is: all
 * </ul>
 */
@NullMarked
package io.walstrata.layerstore;

import org.jspecify.annotations.NullMarked;
