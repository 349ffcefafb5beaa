package io.walstrata.postgres.wal;

import java.util.Set;

/**
 * How much of a record a {@link WalReader} keeps in memory. A record that is <i>cut</i> is checked
 * as any other, checksum included, but only its first bytes are kept: {@link WalRecord#isCut()}.
 * Immutable.
 */
public final class RecordLimits {
  /** No record up to this length is cut; of a longer one so much is kept. In bytes. */
  static final int CUT_BYTES = 16 * 1024;

  /** Everything is kept. */
  public static final RecordLimits NONE =
      new RecordLimits(Set.of(), WalRecord.MAX_BYTES, /* refusesLarger= */ true);

  private final Set<Rmgr> cut;
  private final int maxBytes;
  private final boolean refusesLarger;

  private RecordLimits(Set<Rmgr> cut, int maxBytes, boolean refusesLarger) {
    this.cut = cut;
    this.maxBytes = maxBytes;
    this.refusesLarger = refusesLarger;
  }

  /**
   * For a reader of page versions: records of resource managers that change no page are cut, others
   * that are longer are refused by a {@link WalRecordTooLargeException}.
   *
   * @param maxBytes 16 KiB or more
   */
  public static RecordLimits ofPages(int maxBytes) {
    return new RecordLimits(Rmgr.WITHOUT_PAGES, maxBytes, /* refusesLarger= */ true);
  }

  /**
   * For a reader of descriptions: logical messages are cut, whose content can be read a second time
   * ({@link WalSegmentReader#content}), and so are all longer records.
   *
   * @param maxBytes 16 KiB or more
   */
  public static RecordLimits ofText(int maxBytes) {
    return new RecordLimits(Set.of(Rmgr.LOGICAL_MESSAGE), maxBytes, /* refusesLarger= */ false);
  }

  /** Returns up to which length a record is kept whole, in bytes. */
  public int maxBytes() {
    return maxBytes;
  }

  boolean cuts(int rmgr, int length) {
    return (length > CUT_BYTES && cut.contains(Rmgr.of(rmgr)))
        || (length > maxBytes && !refusesLarger);
  }
}
