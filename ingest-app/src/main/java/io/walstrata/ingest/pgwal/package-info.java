/**
 * PostgreSQL's physical write-ahead log, versions 15 to 18: from bytes to records, from records to
 * page versions, and a line of text for each record.
 *
 * <p>{@link io.walstrata.ingest.pgwal.PgWalReader} cuts a byte stream into {@link
 * io.walstrata.ingest.pgwal.PgWalRecord}s, {@link io.walstrata.ingest.pgwal.PgWalMapper} says what
 * a record does to the page store, and {@link io.walstrata.ingest.pgwal.PgWalText} describes it.
 * Nothing here opens files or connections, except {@link io.walstrata.ingest.pgwal.PgWalSegments},
 * which reads segment files.
 */
@NullMarked
package io.walstrata.ingest.pgwal;

import org.jspecify.annotations.NullMarked;
