/**
 * PostgreSQL's physical write-ahead log, versions 15 to 18: from bytes to checked records, and the
 * keys of the pages that they change.
 *
 * <p>{@link io.walstrata.postgres.wal.WalReader} cuts a byte stream into {@link
 * io.walstrata.postgres.wal.WalRecord}s. Nothing here opens files or connections, except {@link
 * io.walstrata.postgres.wal.WalArchive}, {@link io.walstrata.postgres.wal.WalFile} and {@link
 * io.walstrata.postgres.wal.WalSegmentReader}, which read segment files.
 */
@NullMarked
package io.walstrata.postgres.wal;

import org.jspecify.annotations.NullMarked;
