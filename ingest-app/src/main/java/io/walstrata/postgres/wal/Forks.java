package io.walstrata.postgres.wal;

import java.util.List;

/**
 * The forks of a relation, and where the other forks keep what belongs to a heap block, for pages
 * of 8192 bytes.
 */
public final class Forks {
  /** Two bits a block, after a page header of 24 bytes. */
  static final int BLOCKS_PER_VISIBILITY_MAP_PAGE = (8192 - 24) * 4;

  /** Leaves of the binary tree in a free space map page: what 8164 bytes hold of one. */
  private static final int SLOTS_PER_FREE_SPACE_MAP_PAGE = 4069;

  private static final List<String> NAMES = List.of("main", "fsm", "vm", "init");

  private Forks() {}

  /** Returns a fork's name, its number if it has none. */
  public static String name(int fork) {
    return fork < NAMES.size() ? NAMES.get(fork) : String.valueOf(fork);
  }

  /** Returns the number of a fork with this name, -1 if there is none. */
  public static int number(String name) {
    return NAMES.indexOf(name);
  }

  public static long visibilityMapBlock(long heapBlock) {
    return heapBlock / BLOCKS_PER_VISIBILITY_MAP_PAGE;
  }

  public static boolean endsWithinVisibilityMapPage(long heapBlocks) {
    return heapBlocks % BLOCKS_PER_VISIBILITY_MAP_PAGE != 0;
  }

  /**
   * Returns how many pages the visibility map keeps when the heap is truncated to this many blocks.
   */
  public static long visibilityMapBlocks(long heapBlocks) {
    return (heapBlocks + BLOCKS_PER_VISIBILITY_MAP_PAGE - 1) / BLOCKS_PER_VISIBILITY_MAP_PAGE;
  }

  /**
   * Returns how many pages the free space map keeps when the heap is truncated to this many blocks.
   * The map is a tree of pages, three levels high, stored depth first: the root, its first child,
   * that one's leaf pages, the root's second child, and so on.
   */
  public static long freeSpaceMapBlocks(long heapBlocks) {
    long fanOut = SLOTS_PER_FREE_SPACE_MAP_PAGE;
    long leaf = heapBlocks / fanOut;
    long before = leaf + leaf / fanOut + 1 + leaf / (fanOut * fanOut) + 1;
    return heapBlocks % fanOut == 0 ? before : before + 1;
  }
}
