package io.walstrata.postgres.page;

import java.util.Arrays;

/**
 * What a page of an SP-GiST index has beyond the common layout: its special space {@code
 * SpGistPageOpaqueData}, the headers of inner, leaf and dead tuples, and the operations that keep
 * the offset numbers of tuples, because other pages refer to them.
 *
 * <p>In PostgreSQL: {@code access/spgist_private.h}, {@code spgdoinsert.c}, {@code spgutils.c}.
 */
public final class SpGistPage {
  /*
   * Special space: flags 2 | nRedirection 2 | nPlaceholder 2 | spgist_page_id 2
   * Inner tuple: tupstate 2 bits, allTheSame 1, nNodes 13, prefixSize 16 | size 2 | pad 2 |
   *   prefix | nodes, each an index tuple: item pointer 6, size and flags 2 | label
   * Leaf tuple: tupstate 2 bits, size 30 | flags 2 bits above nextOffset 14 | heapPtr 6 | datum
   * Dead tuple: tupstate 2 bits, size 30 | unused 2 | pointer 6 | xid 4
   * Block numbers in item pointers are stored as two halves, the upper one first.
   */
  public static final int SPGIST_META = 1;
  public static final int SPGIST_DELETED = 1 << 1;
  public static final int SPGIST_LEAF = 1 << 2;

  /** A page of the tree of null values. */
  public static final int SPGIST_NULLS = 1 << 3;

  /** {@code tupstate}: an inner or leaf tuple in use. */
  public static final int LIVE = 0;

  /** {@code tupstate}: leads to where the tuple moved to. */
  public static final int REDIRECT = 1;

  /** {@code tupstate}: dead, but there are links to it. */
  public static final int DEAD = 2;

  /** {@code tupstate}: keeps an offset number. */
  public static final int PLACEHOLDER = 3;

  /** Length of a dead tuple; no leaf tuple is shorter. */
  public static final int DEAD_TUPLE_BYTES = 16;

  /** Length of the header of an inner tuple. */
  public static final int INNER_HEADER_BYTES = 8;

  private static final int SPGIST_PAGE_ID = 0xFF82;
  private static final int SPECIAL_BYTES = 8;
  private static final int FLAGS = Page.BYTES - SPECIAL_BYTES;
  private static final int N_REDIRECTION = FLAGS + 2;
  private static final int N_PLACEHOLDER = N_REDIRECTION + 2;
  private static final int PAGE_ID = N_PLACEHOLDER + 2;

  private static final int T_INFO = 4;
  private static final int POINTER = 6;
  private static final int XID = 12;
  private static final int NEXT_OFFSET_MASK = 0x3FFF;
  private static final int NODE_HEADER_BYTES = 8;
  private static final int NODE_SIZE = 6;
  private static final int NODE_SIZE_MASK = 0x1FFF;
  private static final long INVALID_BLOCK = 0xFFFFFFFFL;

  private SpGistPage() {}

  /** Makes an empty page. */
  public static void init(Page page, int flags) {
    page.init(SPECIAL_BYTES);
    page.putU16(FLAGS, flags);
    page.putU16(PAGE_ID, SPGIST_PAGE_ID);
  }

  /**
   * Checks that it is a page of an SP-GiST index whose items can be worked on.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    page.checkHeader();
    if (page.special() != FLAGS || page.u16(PAGE_ID) != SPGIST_PAGE_ID) {
      throw new PageException("not a page of an SP-GiST index: special=" + page.special());
    }
  }

  /** Returns the number of redirection tuples. */
  public static int nRedirection(Page page) {
    return page.u16(N_REDIRECTION);
  }

  /** Returns the number of placeholder tuples. */
  public static int nPlaceholder(Page page) {
    return page.u16(N_PLACEHOLDER);
  }

  public static void addRedirections(Page page, int count) {
    add(page, N_REDIRECTION, count);
  }

  public static void addPlaceholders(Page page, int count) {
    add(page, N_PLACEHOLDER, count);
  }

  private static void add(Page page, int counter, int count) {
    int sum = page.u16(counter) + count;
    if (sum < 0 || sum > Page.MAX_OFFSET_NUMBER) {
      throw new PageException("impossible number of dead tuples: number=" + sum);
    }
    page.putU16(counter, sum);
  }

  /** Returns the {@code tupstate} of the tuple at this place. */
  public static int state(Page page, int tuple) {
    return page.u8(tuple) & 3;
  }

  /**
   * Adds a tuple at an offset number: after the last one, or in place of a placeholder.
   *
   * @return where the caller writes the tuple
   * @throws PageException if another tuple is there
   */
  public static int addOrReplaceTuple(Page page, int offsetNumber, int length) {
    if (offsetNumber <= page.maxOffset()) {
      int state = state(page, page.normalItem(offsetNumber, DEAD_TUPLE_BYTES));
      if (state != PLACEHOLDER) {
        throw new PageException(
            "tuple to replace is not a placeholder: offset=" + offsetNumber + ", state=" + state);
      }
      addPlaceholders(page, -1);
      page.deleteIndexItem(offsetNumber);
    }
    return page.insertItem(offsetNumber, length);
  }

  /**
   * Replaces any tuple.
   *
   * @return where the caller writes the new one
   */
  public static int replaceTuple(Page page, int offsetNumber, int length) {
    page.deleteIndexItem(offsetNumber);
    return page.insertItem(offsetNumber, length);
  }

  /** Sets the next tuple in the chain of a leaf tuple. */
  public static void setNextOffset(Page page, int offsetNumber, int next) {
    int info = page.normalItem(offsetNumber, DEAD_TUPLE_BYTES) + T_INFO;
    page.putU16(info, (page.u16(info) & ~NEXT_OFFSET_MASK) | (next & NEXT_OFFSET_MASK));
  }

  /**
   * Makes a node of an inner tuple lead to another tuple.
   *
   * @param node number of the node, from 0 on
   */
  public static void updateNodeLink(Page page, int offsetNumber, int node, ItemPointer to) {
    int tuple = page.normalItem(offsetNumber, INNER_HEADER_BYTES);
    int end = tuple + page.itemLength(offsetNumber);
    long header = page.u32(tuple);
    int nodes = (int) (header >>> 3) & 0x1FFF;
    if (node >= nodes) {
      throw new PageException("inner tuple without the node: node=" + node + ", nodes=" + nodes);
    }
    int at = tuple + INNER_HEADER_BYTES + (int) (header >>> 16);
    for (int i = 0; i < node; i++) {
      checkNode(at, end);
      int size = page.u16(at + NODE_SIZE) & NODE_SIZE_MASK;
      if (size < NODE_HEADER_BYTES) {
        throw new PageException("node is too short: node=" + i + ", size=" + size);
      }
      at += size;
    }
    checkNode(at, end);
    to.write(page, at);
  }

  private static void checkNode(int at, int end) {
    if (at > end - NODE_HEADER_BYTES) {
      throw new PageException("node does not lie within its tuple: offset=" + at);
    }
  }

  /**
   * Replaces a tuple by a dead one and counts it.
   *
   * @param redirect what the dead tuple is if it is a redirection, else not used
   */
  public static void replaceByDeadTuple(
      Page page, int offsetNumber, int state, Redirection redirect) {
    page.deleteIndexItem(offsetNumber);
    insertDeadTuple(page, offsetNumber, state, redirect);
  }

  private static void insertDeadTuple(
      Page page, int offsetNumber, int state, Redirection redirect) {
    int tuple = page.insertItem(offsetNumber, DEAD_TUPLE_BYTES);
    page.putI32(tuple, DEAD_TUPLE_BYTES << 2 | state);
    page.putU16(tuple + T_INFO, 0);
    if (state == REDIRECT) {
      redirect.to().write(page, tuple + POINTER);
      page.putI32(tuple + XID, (int) redirect.xid());
      addRedirections(page, 1);
    } else {
      ItemPointer.INVALID.write(page, tuple + POINTER);
      page.putI32(tuple + XID, 0);
      addPlaceholders(page, state == PLACEHOLDER ? 1 : 0);
    }
  }

  /**
   * Replaces several tuples by dead ones, as {@code spgPageIndexMultiDelete} does: all are removed
   * at once, then the dead ones are added in the order of their offset numbers.
   *
   * @param offsetNumbers in any order
   * @param firstState what the first one becomes
   * @param restState what all others become
   */
  public static void replaceByDeadTuples(
      Page page, int[] offsetNumbers, int firstState, int restState, Redirection redirect) {
    if (offsetNumbers.length == 0) {
      return;
    }
    int[] sorted = offsetNumbers.clone();
    Arrays.sort(sorted);
    page.deleteIndexItems(sorted, sorted.length);
    for (int number : sorted) {
      boolean isFirst = number == offsetNumbers[0];
      insertDeadTuple(page, number, isFirst ? firstState : restState, redirect);
    }
  }

  /** Makes a redirection a placeholder, without counting it. */
  public static void redirectionToPlaceholder(Page page, int offsetNumber) {
    int tuple = page.normalItem(offsetNumber, DEAD_TUPLE_BYTES);
    if (state(page, tuple) != REDIRECT) {
      throw new PageException("tuple is not a redirection: offset=" + offsetNumber);
    }
    page.putU8(tuple, page.u8(tuple) | PLACEHOLDER);
    ItemPointer.INVALID.write(page, tuple + POINTER);
  }

  /**
   * A tuple of another page, or none.
   *
   * @param block block number, unsigned 32 bits
   */
  public record ItemPointer(long block, int offsetNumber) {
    private static final ItemPointer INVALID = new ItemPointer(INVALID_BLOCK, 0);

    private void write(Page page, int at) {
      page.putU16(at, (int) (block >>> 16));
      page.putU16(at + 2, (int) block);
      page.putU16(at + 4, offsetNumber);
    }
  }

  /**
   * Content of a redirection.
   *
   * @param xid the transaction that moved the tuple, unsigned 32 bits
   */
  public record Redirection(ItemPointer to, long xid) {}
}
