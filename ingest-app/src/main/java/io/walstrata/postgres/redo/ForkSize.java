package io.walstrata.postgres.redo;

import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.wal.LittleEndian;
import java.util.List;

/** How many blocks a fork of a relation has as of an LSN, or why that is not known. */
public sealed interface ForkSize {
  /*
   * What redo returns for the key of a size: number of blocks, 4, little-endian | bound, 1, its
   * id.
   */

  /** How exact a number of blocks is. */
  enum Bound {
    /** The fork has this number. */
    EXACT(0),
    /** It has this number or more: history begins after it was made. */
    AT_LEAST(1),
    /** It has this number or fewer: it was truncated to it, and may have been shorter. */
    AT_MOST(2),
    /** History has this number: the log does not have all changes of such forks. */
    NOT_LOGGED(3);

    private final int id;

    Bound(int id) {
      this.id = id;
    }

    private static Bound of(int id) {
      for (Bound bound : values()) {
        if (bound.id == id) {
          return bound;
        }
      }
      throw new IllegalArgumentException("not a bound of a size: id=" + id);
    }
  }

  /** Returns what redo of the size's key returns. */
  RedoResult toResult();

  /**
   * Returns the size that redo returned for its key: a read of that key's page is a read of the
   * fork's size.
   *
   * @throws IllegalArgumentException if the result is not that of such a key
   */
  static ForkSize of(RedoResult result) {
    if (!(result instanceof RedoResult.Page page)) {
      return new None(result);
    }
    byte[] bytes = page.bytes();
    if (bytes.length != 5) {
      throw new IllegalArgumentException("not the size of a fork: bytes=" + bytes.length);
    }
    return new Known(LittleEndian.u32(bytes, 0), Bound.of(bytes[4]));
  }

  /**
   * A number of blocks.
   *
   * @param blocks 0 to 2^32 - 1; 0 also if there is no such file
   */
  record Known(long blocks, Bound bound) implements ForkSize {
    @Override
    public RedoResult toResult() {
      byte[] bytes = new byte[5];
      LittleEndian.putI32(bytes, 0, (int) blocks);
      bytes[4] = (byte) bound.id;
      return new RedoResult.Page(bytes, 0, List.of());
    }
  }

  /**
   * There is no number.
   *
   * @param reason {@link RedoResult.Absent} if the relation was dropped, otherwise {@link
   *     RedoResult.Refused}
   */
  record None(RedoResult reason) implements ForkSize {
    @Override
    public RedoResult toResult() {
      return reason;
    }

    /** Returns whether history has nothing of the relation. */
    boolean isUnknown() {
      return reason instanceof RedoResult.Refused refused
          && refused.reason() == RedoResult.Reason.BEFORE_HISTORY;
    }
  }
}
