package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import java.util.List;

/**
 * What one WAL record does to the page store, all of it at one LSN. No key has both a version and a
 * tombstone.
 *
 * @param lsn the record's end, the LSN of all its versions and tombstones
 * @param versions versions to put, no key twice; not modifiable
 * @param tombstones key ranges that are deleted; not modifiable
 * @param unrepresentable effects that no key can hold, in words; empty unless the mapper reports
 *     them; not modifiable
 */
public record WalEffects(
    Lsn lsn, List<PageVersion> versions, List<KeyRange> tombstones, List<String> unrepresentable) {
  public WalEffects {
    versions = List.copyOf(versions);
    tombstones = List.copyOf(tombstones);
    unrepresentable = List.copyOf(unrepresentable);
  }

  /** Returns whether the record changes nothing in the page store. */
  public boolean isEmpty() {
    return versions.isEmpty() && tombstones.isEmpty() && unrepresentable.isEmpty();
  }
}
