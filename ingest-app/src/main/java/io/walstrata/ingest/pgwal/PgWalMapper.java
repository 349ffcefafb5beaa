package io.walstrata.ingest.pgwal;

import io.walstrata.layerstore.page.UnrepresentableKeyException;
import java.util.List;

/**
 * Says what a WAL record does to the page store. A pure function of the record: no state, so that a
 * producer can resume anywhere. Thread-safe.
 *
 * <p>Which record changes which key, and why, is in {@code docs/postgres-mapping.md}.
 */
public final class PgWalMapper {
  /** What to do with an effect on a tablespace that keys cannot hold: 65535 and above. */
  public enum Unrepresentable {
    /** Refuse the record: history would have a hole. */
    FAIL,
    /** Leave the effect out, and say so in {@link PgWalEffects#unrepresentable()}. */
    REPORT
  }

  private final Unrepresentable unrepresentable;

  /** Makes a mapper that refuses what keys cannot hold. */
  public PgWalMapper() {
    this(Unrepresentable.FAIL);
  }

  public PgWalMapper(Unrepresentable unrepresentable) {
    this.unrepresentable = unrepresentable;
  }

  /**
   * Returns the versions and tombstones of a record.
   *
   * @throws PgWalException if the record's contents are damaged
   * @throws UnrepresentableKeyException if a key cannot hold one of its tablespaces and the mapper
   *     is to fail then; the message says which and what can be done
   */
  public PgWalEffects map(PgWalRecord record) {
    if (record.isCut() && PgRmgr.WITHOUT_PAGES.contains(PgRmgr.of(record.rmgrId()))) {
      return new PgWalEffects(record.endLsn(), List.of(), List.of(), List.of());
    }
    PgEffectsBuilder effects = new PgEffectsBuilder(record, unrepresentable);
    effects.blocks();
    PgRecordEffects.add(record, effects);
    return effects.build();
  }
}
