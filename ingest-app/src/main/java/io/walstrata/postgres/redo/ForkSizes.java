package io.walstrata.postgres.redo;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.layerstore.redo.RedoResult.Reason;
import io.walstrata.postgres.redo.ForkSize.Bound;
import io.walstrata.postgres.redo.ForkSize.Known;
import io.walstrata.postgres.redo.ForkSize.None;
import io.walstrata.postgres.rmgr.DatabaseCopy;
import io.walstrata.postgres.rmgr.RedoException;
import io.walstrata.postgres.rmgr.SizeChange;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgKeys;
import io.walstrata.postgres.wal.Rmgr;
import io.walstrata.postgres.wal.WalException;
import java.io.IOException;

/**
 * Finds how many blocks a fork has, from the versions on the key of its size and from the last
 * block that has a version.
 */
public final class ForkSizes {
  /*
   * The size is the larger one of two: what the newest version on the size's key states, and one
   * more than the last block with a version that no tombstone hides. A truncation hides the blocks
   * that it removes, so those that are left there, if any, were written after it.
   *
   * The last block is found by bisection: "is there a block with a version from here on" is one
   * read that ends at the first. At most 2 * 32 of them, and few for a small fork. What else is
   * read is bounded by MAX_DEPTH: how many earlier truncations of a map are asked for, and how many
   * sources of copied databases.
   *
   * A truncation also leaves its record on the last map page that it keeps, to clear bits there;
   * it does not make that page, so such a page does not count.
   */
  private static final int MAX_DEPTH = 16;
  private static final int MAX_MAP_PAGES = 4;
  private static final int SIZE_BYTES = 4;
  private static final int RMGR_IN_VALUE = 2 + 17;
  private static final Known NOTHING = new Known(0, Bound.EXACT);

  private final PageSource source;
  private final RelationHistory history;

  private ForkSizes(PageSource source) {
    this.source = source;
    this.history = new RelationHistory(source);
  }

  /**
   * Returns a fork's size.
   *
   * @param key any page of the fork, or the key of its size; of a relation
   * @param asOf the LSN, inclusive
   * @throws IOException from the source
   * @throws IllegalArgumentException if the key is not one of a relation
   */
  public static ForkSize of(PageSource source, PageKey key, Lsn asOf) throws IOException {
    if (key.kind() != 0 || key.rel() == 0) {
      throw new IllegalArgumentException("not a fork of a relation: key=" + key.describe());
    }
    return new ForkSizes(source).size(key, asOf, 0);
  }

  private ForkSize size(PageKey key, Lsn asOf, int depth) throws IOException {
    PageKey sizeKey = PgKeys.size(key.spc(), key.db(), key.rel(), key.fork());
    try {
      Known blocks = blocks(key, asOf);
      ForkSize start = start(sizeKey, asOf, blocks.blocks() > 0, depth);
      return start instanceof Known known ? larger(sizeKey, known, blocks) : start;
    } catch (WalException e) {
      return refused(sizeKey, e.lsn(), Reason.DAMAGED_RECORD, e.reason());
    } catch (RedoException e) {
      return refused(sizeKey, asOf, Reason.UNSUPPORTED_RECORD, e.reason());
    }
  }

  private static ForkSize larger(PageKey key, Known start, Known blocks) {
    long larger = Math.max(start.blocks(), blocks.blocks());
    if (key.fork() == PgKeys.FSM_FORK) {
      return new Known(larger, Bound.NOT_LOGGED);
    }
    if ((start.bound() != Bound.EXACT && start.blocks() > blocks.blocks())
        || start.bound() == Bound.AT_LEAST) {
      return new Known(larger, start.bound());
    }
    boolean isStart = start.bound() == Bound.EXACT && start.blocks() >= blocks.blocks();
    return new Known(larger, isStart ? Bound.EXACT : blocks.bound());
  }

  /** Returns the size that the blocks with versions were added to. */
  private ForkSize start(PageKey sizeKey, Lsn asOf, boolean hasBlocks, int depth)
      throws IOException {
    RedoRequest versions = source.versions(sizeKey, asOf);
    Version newest = RelationHistory.newest(versions);
    if (newest != null) {
      return newest.value().kind() == ValueKind.IMAGE
          ? image(sizeKey, newest)
          : changed(sizeKey, newest, depth);
    }
    Lsn droppedAt = versions.droppedAt();
    DatabaseCopy copy = history.copy(sizeKey, asOf);
    if (copy != null && (droppedAt == null || droppedAt.isBefore(copy.lsn()))) {
      return copied(sizeKey, copy, depth);
    }
    if (droppedAt != null) {
      return hasBlocks
          ? NOTHING
          : new None(new RedoResult.Absent("the relation was dropped: droppedAt=" + droppedAt));
    }
    if (sizeKey.fork() != PgKeys.MAIN_FORK && isComplete(sizeKey, asOf)) {
      return NOTHING;
    }
    return hasBlocks
        ? new Known(0, Bound.AT_LEAST)
        : refused(
            sizeKey, Lsn.INVALID, Reason.BEFORE_HISTORY, "history has nothing of the relation");
  }

  /** Returns whether history has the heap's creation, so that the fork would have one, too. */
  private boolean isComplete(PageKey key, Lsn asOf) throws IOException {
    return history.isComplete(PgKeys.size(key.spc(), key.db(), key.rel(), PgKeys.MAIN_FORK), asOf);
  }

  private static ForkSize image(PageKey sizeKey, Version image) {
    byte[] bytes = image.value().bytes();
    return bytes.length == SIZE_BYTES
        ? new Known(LittleEndian.u32(bytes, 0), Bound.EXACT)
        : refused(
            sizeKey,
            image.lsn(),
            Reason.DAMAGED_RECORD,
            "a size has 4 bytes: bytes=" + bytes.length);
  }

  private ForkSize changed(PageKey sizeKey, Version newest, int depth) throws IOException {
    SizeChange change = history.readSize(sizeKey, newest);
    if (sizeKey.fork() != PgKeys.VM_FORK || change.isCreate()) {
      return new Known(change.blocks(), Bound.EXACT);
    }
    // The map may have had fewer pages than the truncation leaves.
    if (depth < MAX_DEPTH
        && size(sizeKey, RelationHistory.before(newest.lsn()), depth + 1) instanceof Known before
        && before.bound() != Bound.AT_LEAST) {
      return new Known(Math.min(before.blocks(), change.blocks()), before.bound());
    }
    return new Known(change.blocks(), Bound.AT_MOST);
  }

  private ForkSize copied(PageKey sizeKey, DatabaseCopy copy, int depth) throws IOException {
    return depth < MAX_DEPTH
        ? size(copy.source(sizeKey), copy.lsn(), depth + 1)
        : refused(
            sizeKey,
            copy.lsn(),
            Reason.DAMAGED_RECORD,
            "a database is the copy of a copy, and too deep: maxDepth=" + MAX_DEPTH);
  }

  /** Returns how many blocks a fork has because they have versions. */
  private Known blocks(PageKey fork, Lsn asOf) throws IOException {
    long end = PgKeys.SIZE_BLOCK;
    for (int i = 0; i < MAX_MAP_PAGES; i++) {
      long last = lastVersion(fork, end, asOf);
      if (last < 0
          || fork.fork() != PgKeys.VM_FORK
          || !isOnlyTruncated(source.versions(block(fork, last), asOf))) {
        return new Known(last + 1, Bound.EXACT);
      }
      end = last;
    }
    return new Known(end, Bound.AT_MOST);
  }

  /** Returns the last block before {@code end} that has a version; -1 if none has. */
  private long lastVersion(PageKey fork, long end, Lsn asOf) throws IOException {
    long last = first(fork, 0, end, asOf);
    if (last < 0) {
      return -1;
    }
    // Steps that double as long as there is a block, then bisection. None at "none" or after it.
    long none = end;
    for (long step = 1; last + step < none; step *= 2) {
      long found = first(fork, last + step, none, asOf);
      if (found < 0) {
        none = last + step;
        break;
      }
      last = found;
    }
    while (last + 1 < none) {
      long middle = last + (none - last) / 2;
      long found = first(fork, middle, none, asOf);
      if (found < 0) {
        none = middle;
      } else {
        last = found;
      }
    }
    return last;
  }

  /** Returns the first block of a range that has a version; -1 if none has. */
  private long first(PageKey fork, long start, long end, Lsn asOf) throws IOException {
    if (start >= end) {
      return -1;
    }
    PageKey found = source.firstKey(new KeyRange(block(fork, start), block(fork, end)), asOf);
    return found == null ? -1 : found.block();
  }

  private static PageKey block(PageKey fork, long block) {
    return PgKeys.block(fork.spc(), fork.db(), fork.rel(), fork.fork(), block);
  }

  /** Returns whether all that history has of a page are truncations, which do not make it. */
  static boolean isOnlyTruncated(RedoRequest versions) {
    return versions.base() == null && versions.records().stream().allMatch(ForkSizes::isStorage);
  }

  private static boolean isStorage(Version version) {
    byte[] bytes = version.value().bytes();
    return bytes.length > RMGR_IN_VALUE && bytes[RMGR_IN_VALUE] == Rmgr.STORAGE.id();
  }

  private static ForkSize refused(PageKey key, Lsn lsn, Reason reason, String detail) {
    return new None(new RedoResult.Refused(key, lsn, reason, detail));
  }
}
