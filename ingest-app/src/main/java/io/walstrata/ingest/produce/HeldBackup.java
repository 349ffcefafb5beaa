package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.util.Optional;

/**
 * A base backup that a timeline in a topic begins with and, as far as the topic holds it, ends
 * with.
 *
 * @param startLsn the LSN of its versions, which it claims once all are in the topic
 * @param order of the versions: a resumed run must have the same
 * @param lastKey the key of the last version in the topic, if its last message has one
 */
record HeldBackup(Lsn startLsn, String order, Optional<PageKey> lastKey) {
  /** Returns the same with the last key of a message. */
  HeldBackup upTo(Optional<PageKey> key) {
    return new HeldBackup(startLsn, order, key);
  }
}
