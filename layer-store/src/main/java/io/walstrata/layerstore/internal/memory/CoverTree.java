package io.walstrata.layerstore.internal.memory;

import io.walstrata.layerstore.internal.cursor.CostCounter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the last of many runs of numbers, in the order of adding, that covers a number: of all runs
 * or of the first ones. Immutable, for any thread.
 */
final class CoverTree {
  /*
   * A binary tree over the order of adding. A node has the ends of its runs, sorted, none twice,
   * and a bit for each space between two neighbours: whether a run of the node covers it. Spaces of
   * the root are found by their number in all ends. Those of a child follow from a second bit for
   * each end, whether the child has it too: the child's space is the number of such bits up to
   * there (fractional cascading, as a wavelet tree does it: R. Grossi, A. Gupta, J. S. Vitter,
   * "High-order entropy-compressed text indexes", 2003). So a look-up descends once, to the last
   * run, and where only the first runs count, at most once more from each node on the way: O(log
   * n).
   *
   * Memory: three bits for each end and level, and nothing but the ends themselves below blocks of
   * 16 runs, which are looked through one by one: some 20 bytes a run, however they overlap.
   */
  private static final int BLOCK = 16;

  /** Holds bits, and counts how many of the first ones are set. */
  private static final class Bits {
    private final long[] words;
    private final int[] before; // word -> bits set in the words before

    Bits(int size) {
      words = new long[size / Long.SIZE + 1];
      before = new int[words.length];
    }

    void set(int number) {
      words[number / Long.SIZE] |= 1L << number;
    }

    boolean get(int number) {
      return ((words[number / Long.SIZE] >>> number) & 1) != 0;
    }

    Bits counted() {
      for (int word = 1; word < words.length; word++) {
        before[word] = before[word - 1] + Long.bitCount(words[word - 1]);
      }
      return this;
    }

    /** Returns how many bits are set below a number. */
    int count(int number) {
      int word = number / Long.SIZE;
      return before[word] + Long.bitCount(words[word] & ((1L << number) - 1));
    }

    /** Returns the first clear bit at or after a number; at most the size. */
    int nextClear(int number) {
      int word = number / Long.SIZE;
      long clear = ~words[word] & (-1L << number);
      while (clear == 0 && word + 1 < words.length) {
        clear = ~words[++word];
      }
      return word * Long.SIZE + (clear == 0 ? Long.SIZE : Long.numberOfTrailingZeros(clear));
    }

    long heapBytes() {
      return (long) (Long.BYTES + Integer.BYTES) * words.length;
    }
  }

  /** A node for a part of the runs that is longer than a block. */
  private record Node(
      int spaces,
      Bits covered,
      Bits inLeft,
      Bits inRight,
      @Nullable Node left,
      @Nullable Node right) {}

  /** What a node needs of its child to be built. */
  private static final class Part {
    private final int[] ends;
    private final Bits covered;
    private final @Nullable Node node;

    Part(int[] ends, Bits covered, @Nullable Node node) {
      this.ends = ends;
      this.covered = covered;
      this.node = node;
    }
  }

  private final int[] starts; // by order of adding
  private final int[] ends;
  private final int size; // of the root: a power of two
  private final @Nullable Node root; // null if there is but one block
  private final Bits covered; // by any run
  private long treeBytes;

  /**
   * @param starts the runs' starts, in the order of adding
   * @param ends the runs' ends, exclusive; every number below the highest is a start or an end
   */
  CoverTree(int[] starts, int[] ends) {
    this.starts = starts;
    this.ends = ends;
    int size = BLOCK;
    while (size < starts.length) {
      size *= 2;
    }
    this.size = size;
    Part whole = part(0, size);
    root = whole.node;
    covered = whole.covered;
  }

  private Part part(int first, int size) {
    if (size == BLOCK) {
      return block(first, Math.min(starts.length, first + size));
    }
    Part left = part(first, size / 2);
    Part right =
        first + size / 2 < starts.length
            ? part(first + size / 2, size / 2)
            : new Part(new int[0], new Bits(0), null);
    return merge(left, right);
  }

  private Part block(int first, int next) {
    int[] all = new int[2 * (next - first)];
    for (int run = first; run < next; run++) {
      all[2 * (run - first)] = starts[run];
      all[2 * (run - first) + 1] = ends[run];
    }
    Arrays.sort(all);
    int distinct = 0;
    for (int end : all) {
      if (distinct == 0 || all[distinct - 1] != end) {
        all[distinct++] = end;
      }
    }
    Bits bits = new Bits(distinct);
    for (int run = first; run < next; run++) {
      int from = Arrays.binarySearch(all, 0, distinct, starts[run]);
      for (int space = from; all[space] < ends[run]; space++) {
        bits.set(space);
      }
    }
    return new Part(Arrays.copyOf(all, distinct), bits, null);
  }

  private Part merge(Part left, Part right) {
    int[] merged = new int[left.ends.length + right.ends.length];
    Bits inLeft = new Bits(merged.length);
    Bits inRight = new Bits(merged.length);
    Bits both = new Bits(merged.length);
    int atLeft = 0;
    int atRight = 0;
    int count = 0;
    while (atLeft < left.ends.length || atRight < right.ends.length) {
      int nextLeft = atLeft < left.ends.length ? left.ends[atLeft] : Integer.MAX_VALUE;
      int nextRight = atRight < right.ends.length ? right.ends[atRight] : Integer.MAX_VALUE;
      merged[count] = Math.min(nextLeft, nextRight);
      if (nextLeft == merged[count]) {
        inLeft.set(count);
        atLeft++;
      }
      if (nextRight == merged[count]) {
        inRight.set(count);
        atRight++;
      }
      if ((atLeft > 0 && left.covered.get(atLeft - 1))
          || (atRight > 0 && right.covered.get(atRight - 1))) {
        both.set(count);
      }
      count++;
    }
    Node node = new Node(count, both, inLeft.counted(), inRight.counted(), left.node, right.node);
    treeBytes += 64 + both.heapBytes() + inLeft.heapBytes() + inRight.heapBytes();
    return new Part(Arrays.copyOf(merged, count), both, node);
  }

  int runs() {
    return starts.length;
  }

  int start(int run) {
    return starts[run];
  }

  int end(int run) {
    return ends[run];
  }

  /**
   * Returns the last of the first runs that covers a number; -1 if none does.
   *
   * @param number at least 0
   * @param first how many of the runs count, in the order of adding
   */
  int last(int number, int first, CostCounter cost) {
    return last(root, 0, size, number, number, first, cost);
  }

  private int last(
      @Nullable Node node,
      int begin,
      int length,
      int space,
      int number,
      int first,
      CostCounter cost) {
    cost.tombstoneStep();
    if (begin >= first || space < 0) {
      return -1;
    }
    if (node == null) {
      return lastInBlock(begin, Math.min(first, begin + length), number, cost);
    }
    if (space >= node.spaces || !node.covered.get(space)) {
      return -1;
    }
    int half = length / 2;
    int inRight = node.inRight.count(space + 1) - 1;
    int found = last(node.right, begin + half, half, inRight, number, first, cost);
    if (found >= 0) {
      return found;
    }
    int inLeft = node.inLeft.count(space + 1) - 1;
    return last(node.left, begin, half, inLeft, number, first, cost);
  }

  private int lastInBlock(int begin, int end, int number, CostCounter cost) {
    for (int run = Math.min(end, starts.length) - 1; run >= begin; run--) {
      cost.tombstoneStep();
      if (starts[run] <= number && number < ends[run]) {
        return run;
      }
    }
    return -1;
  }

  /** Returns whether any run covers a number; it must be below the highest end. */
  boolean isCovered(int number) {
    return covered.get(number);
  }

  /** Returns the end, exclusive, of the covered numbers from a covered one on. */
  int coveredUpTo(int number) {
    return covered.nextClear(number);
  }

  /** Returns the heap that the tree takes, in bytes. */
  long heapBytes() {
    return treeBytes + 2L * Integer.BYTES * starts.length + covered.heapBytes();
  }
}
