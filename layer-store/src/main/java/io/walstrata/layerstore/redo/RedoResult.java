package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import java.util.List;

/** What redo made: a page, or why there is none. */
public sealed interface RedoResult {
  /** Calls the method for this case and returns its result. */
  <R> R match(Cases<R> cases);

  /** One method for each case. */
  interface Cases<R> {
    R page(Page page);

    R absent(Absent absent);

    R refused(Refused refused);
  }

  /** The page. */
  final class Page implements RedoResult {
    private final byte[] bytes;
    private final int recordsApplied;
    private final List<String> assumptions;

    /**
     * @param bytes the whole page, not copied
     * @param recordsApplied how many records were replayed; 0 if the base is the page
     * @param assumptions what had to be assumed because history does not state it, for people;
     *     empty if nothing
     */
    public Page(byte[] bytes, int recordsApplied, List<String> assumptions) {
      this.bytes = bytes;
      this.recordsApplied = recordsApplied;
      this.assumptions = List.copyOf(assumptions);
    }

    /** Returns the page itself, not a copy; it belongs to the caller of the redo. */
    public byte[] bytes() {
      return bytes;
    }

    /** Returns how many records were replayed; 0 if the base is the page. */
    public int recordsApplied() {
      return recordsApplied;
    }

    /** Returns what had to be assumed because history does not state it, for people. */
    public List<String> assumptions() {
      return assumptions;
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.page(this);
    }

    /** Returns the length and the number of records, not the bytes. */
    @Override
    public String toString() {
      return "Page(" + bytes.length + " bytes, recordsApplied=" + recordsApplied + ")";
    }
  }

  /**
   * There is no such page at this LSN: it was dropped, or it lies after the end of its file.
   *
   * @param why for people
   */
  record Absent(String why) implements RedoResult {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.absent(this);
    }
  }

  /**
   * The page cannot be made.
   *
   * @param key the page whose version is the reason: the one that was read, or one that it is made
   *     from
   * @param lsn the version, {@link Lsn#INVALID} if it is none in particular
   * @param detail what is wrong with which record, with facts as {@code name=value}
   */
  record Refused(PageKey key, Lsn lsn, Reason reason, String detail) implements RedoResult {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.refused(this);
    }
  }

  /** Why a page cannot be made. */
  enum Reason {
    /** There are records, but not the page that they change: history begins after it. */
    MISSING_BASE,
    /** History has nothing of the page up to this LSN; it may be older than history. */
    BEFORE_HISTORY,
    /** A record of a kind that redo does not know. */
    UNSUPPORTED_RECORD,
    /** A version is not a record that redo can read. */
    DAMAGED_RECORD,
    /** A record is well-formed, but the page is not one that it can be applied to. */
    DOES_NOT_FIT,
    /** The log does not have all changes of such pages. */
    NOT_LOGGED,
    /** The key is not that of a page. */
    NOT_A_PAGE
  }
}
