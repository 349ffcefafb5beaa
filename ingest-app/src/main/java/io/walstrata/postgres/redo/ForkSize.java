package io.walstrata.postgres.redo;

import io.walstrata.layerstore.redo.RedoResult;

/** How many blocks a fork of a relation has as of an LSN, or why that is not known. */
public sealed interface ForkSize {
  /** How a number of blocks is meant. */
  enum Bound {
    /** The fork has so many. */
    EXACT,
    /** It has so many or more: history begins after it was made. */
    AT_LEAST,
    /** It has so many or fewer: it was truncated to so many, and may have had fewer. */
    AT_MOST,
    /** History has so many: the log does not have all changes of such forks. */
    NOT_LOGGED
  }

  /**
   * A number of blocks.
   *
   * @param blocks 0 to 2^32 - 1; 0 also if there is no such file
   */
  record Known(long blocks, Bound bound) implements ForkSize {}

  /**
   * There is no number.
   *
   * @param reason {@link RedoResult.Absent} if the relation was dropped, otherwise {@link
   *     RedoResult.Refused}
   */
  record None(RedoResult reason) implements ForkSize {
    /** Returns whether history has nothing of the relation. */
    boolean isUnknown() {
      return reason instanceof RedoResult.Refused refused
          && refused.reason() == RedoResult.Reason.BEFORE_HISTORY;
    }
  }
}
