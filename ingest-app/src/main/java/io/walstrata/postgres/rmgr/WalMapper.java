package io.walstrata.postgres.rmgr;

import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import io.walstrata.postgres.wal.WalRecord;
import java.util.List;

/**
 * Returns what a WAL record does to the page store. A pure function of the record: no state, so
 * that a producer can resume anywhere. Thread-safe.
 *
 * <p>Which record changes which key, and why, is in {@code docs/postgres-mapping.md}.
 */
public final class WalMapper {
  /** What to do with an effect on a tablespace that keys cannot hold: 65535 and above. */
  public enum Unrepresentable {
    /** Refuse the record: history would have a gap. */
    FAIL,
    /** Leave the effect out, and report it in {@link WalEffects#unrepresentable()}. */
    REPORT
  }

  private final Unrepresentable unrepresentable;

  /** Makes a mapper that refuses what keys cannot hold. */
  public WalMapper() {
    this(Unrepresentable.FAIL);
  }

  public WalMapper(Unrepresentable unrepresentable) {
    this.unrepresentable = unrepresentable;
  }

  /**
   * Returns the versions and tombstones of a record.
   *
   * @throws WalException if the record's contents are damaged
   * @throws UnrepresentableKeyException if a key cannot hold one of its tablespaces and the mapper
   *     is to fail then; the message states which and what can be done
   */
  public WalEffects map(WalRecord record) {
    if (record.isCut() && Rmgr.WITHOUT_PAGES.contains(Rmgr.of(record.rmgrId()))) {
      return new WalEffects(record.endLsn(), List.of(), List.of(), List.of());
    }
    EffectsBuilder effects = new EffectsBuilder(record, unrepresentable);
    effects.blocks();
    ResourceManagers.of(record).effects(record, effects);
    return effects.build();
  }
}
