/**
 * The storage engine's door: {@link io.walstrata.layerstore.LayerStore} keeps one partition's page
 * versions in layers and reads as of any LSN: a page, many pages, all pages of a key range; or what
 * became of a page over an LSN range.
 *
 * <p>Words used in all packages below:
 *
 * <ul>
 *   <li><b>timeline</b>: one totally ordered history of changes, a database branch.
 *   <li><b>key</b>: what is versioned, a page; 18 bytes.
 *   <li><b>LSN</b>: unsigned 64-bit position in the timeline's write-ahead log.
 *   <li><b>value</b>: one version of a page: an image, or a WAL record to replay on an older
 *       version. A record with <i>will_init</i> needs no older version.
 *   <li><b>layer</b>: versions of many keys over an LSN range: <i>open</i> (writable),
 *       <i>frozen</i> (being written out) or <i>delta</i> (an immutable file).
 *   <li><b>freeze point</b>: a log offset at which every open layer of the partition is frozen.
 *   <li><b>tombstone</b>: a key range that is dropped at an LSN.
 *   <li><b>reconstruct data</b>: the newest base at or below an LSN and the records after it.
 *   <li><b>cursor</b>: goes through a layer's versions by ascending key.
 *   <li><b>history</b>: what became of a page, one entry for each LSN at which it was written or
 *       dropped.
 *   <li><b>cost</b> of a read: the layers asked, the blocks and bytes read.
 *   <li><b>redo</b>: applying those records to that base; not done here.
 *   <li><b>home</b>: where a partition's layer files and manifest are.
 *   <li><b>manifest</b>: the list of a partition's layers and how far they cover the log.
 * </ul>
 */
@NullMarked
package io.walstrata.layerstore;

import org.jspecify.annotations.NullMarked;
