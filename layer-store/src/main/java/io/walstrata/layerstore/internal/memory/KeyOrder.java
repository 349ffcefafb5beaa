package io.walstrata.layerstore.internal.memory;

import static io.walstrata.layerstore.internal.memory.KeyTable.NONE;

import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.PageKey;
import java.util.Arrays;

/**
 * Sorts the keys of a {@link KeyTable}, on demand. Any number of threads may read, while one adds
 * keys.
 */
public final class KeyOrder {
  /*
   * A hash table has no order, and maintaining one at each put would cost more than the put. So the
   * numbers of the keys are sorted when a range is read, and the result is kept for the next read.
   * Keys added since then are searched one by one while they are few, and are then sorted as a run
   * of their own, together with those runs before it that are not twice as long: so there are few
   * runs, and each key is sorted O(log n) times however often ranges are read while keys are added
   * (J. L. Bentley, J. B. Saxe, "Decomposable searching problems I", 1980). What is kept is
   * replaced as a whole; threads that sort at the same time do the same work twice, which is
   * harmless.
   *
   * Keys are sorted by the bytes in which they differ, from the least significant on, each pass by
   * counting (LSD radix sort). The keys of one layer mostly differ in three to five of their 16
   * bytes. Keys that were added in order, as by a bulk load, are not sorted at all.
   */
  private static final int MAX_UNSORTED = 1024;
  private static final int MAX_PROBES = 256;

  /** Number of keys whose look-ups wait for memory at the same time. */
  private static final int AHEAD = 32;

  /** Peak heap of sorting for each key: the order that is kept and the Sorter's arrays. */
  public static final int BYTES_PER_KEY = 3 * Integer.BYTES + 2 * Long.BYTES;

  private final KeyTable keys;
  private volatile Runs sorted = new Runs(new int[0][], 0);

  KeyOrder(KeyTable keys) {
    this.keys = keys;
  }

  /**
   * Sorted numbers of keys: the first run has those from 0 to its length, the next those that
   * follow, and so on, to {@code count}.
   */
  private static final class Runs {
    private final int[][] runs;
    private final int count;

    Runs(int[][] runs, int count) {
      this.runs = runs;
      this.count = count;
    }
  }

  /** Returns the keys of a range in order. For one thread. */
  interface Cursor {
    /** Returns the number of the next key, {@link KeyTable#NONE} at the end. */
    int next();
  }

  /** Returns a cursor over the keys that a range has now, in order. */
  Cursor cursor(KeyRange range) {
    return isNarrow(range) ? probing(range) : merging(range);
  }

  /** Returns whether looking up each possible key of the range is fastest. */
  private static boolean isNarrow(KeyRange range) {
    long width = range.endKey().low() - range.startKey().low();
    return range.startKey().high() == range.endKey().high()
        && Long.compareUnsigned(width, MAX_PROBES) <= 0;
  }

  private Cursor probing(KeyRange range) {
    return new Cursor() {
      private final int[] found = new int[AHEAD];
      private long low = range.startKey().low();
      private int count;
      private int at;

      @Override
      public int next() {
        if (at == count) {
          findAhead();
        }
        return at < count ? found[at++] : NONE;
      }

      private void findAhead() {
        count = 0;
        at = 0;
        while (low != range.endKey().low() && count < AHEAD) {
          int key = keys.find(range.startKey().high(), low++);
          if (key != NONE) {
            found[count++] = key;
          }
        }
      }
    };
  }

  private Cursor merging(KeyRange range) {
    int count = keys.count();
    Runs known = sorted;
    if (count - known.count > MAX_UNSORTED) {
      known = extended(known, count);
      sorted = known;
    }
    Merge merge = new Merge(known.runs.length + 1);
    for (int[] run : known.runs) {
      merge.add(run, floor(run, range.startKey()), floor(run, range.endKey()));
    }
    int[] recent = sort(inRange(known.count, count, range));
    merge.add(recent, 0, recent.length);
    return merge;
  }

  private Runs extended(Runs known, int count) {
    int kept = known.runs.length;
    int start = known.count;
    while (kept > 0 && known.runs[kept - 1].length < 2 * (count - start)) {
      start -= known.runs[--kept].length;
    }
    int[][] runs = Arrays.copyOf(known.runs, kept + 1);
    runs[kept] = sort(ascending(start, count));
    return new Runs(runs, count);
  }

  /** Merges the numbers of several runs by their keys, which are all different. */
  private final class Merge implements Cursor {
    private final int[][] runs;
    private final int[] at;
    private final int[] ends;
    private int count; // of runs

    Merge(int capacity) {
      runs = new int[capacity][];
      at = new int[capacity];
      ends = new int[capacity];
    }

    void add(int[] run, int start, int end) {
      if (start < end) {
        runs[count] = run;
        at[count] = start;
        ends[count++] = end;
      }
    }

    @Override
    public int next() {
      int least = -1;
      for (int i = 0; i < count; i++) {
        if (at[i] < ends[i] && (least < 0 || compare(runs[i][at[i]], runs[least][at[least]]) < 0)) {
          least = i;
        }
      }
      return least < 0 ? NONE : runs[least][at[least]++];
    }
  }

  private int compare(int key, int other) {
    return PageKey.compare(keys.high(key), keys.low(key), keys.high(other), keys.low(other));
  }

  private int compare(int key, PageKey other) {
    return PageKey.compare(keys.high(key), keys.low(key), other.high(), other.low());
  }

  /** Returns the index of the first of the sorted keys that is not below a key. */
  private int floor(int[] order, PageKey key) {
    int low = 0;
    int high = order.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (compare(order[middle], key) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int[] inRange(int from, int to, KeyRange range) {
    int[] found = new int[16];
    int count = 0;
    for (int key = from; key < to; key++) {
      if (compare(key, range.startKey()) >= 0 && compare(key, range.endKey()) < 0) {
        found = count < found.length ? found : Arrays.copyOf(found, count * 2);
        found[count++] = key;
      }
    }
    return Arrays.copyOf(found, count);
  }

  private static int[] ascending(int start, int end) {
    int[] numbers = new int[end - start];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = start + i;
    }
    return numbers;
  }

  /** Sorts ascending numbers by their keys. */
  private int[] sort(int[] numbers) {
    if (isSorted(numbers)) {
      return numbers;
    }
    long differHigh = 0;
    long differLow = 0;
    for (int key : numbers) {
      differHigh |= keys.high(key) ^ keys.high(numbers[0]);
      differLow |= keys.low(key) ^ keys.low(numbers[0]);
    }
    Sorter sorter = new Sorter(numbers);
    sorter.sort(differLow, /* isHigh= */ false);
    sorter.sort(differHigh, /* isHigh= */ true);
    return sorter.numbers;
  }

  /**
   * Sorts the halves of the keys together with their numbers, so as to read the key table once, in
   * order.
   */
  private final class Sorter {
    private int[] numbers;
    private int[] otherNumbers;
    private long[] halves;
    private long[] otherHalves;

    Sorter(int[] numbers) {
      this.numbers = numbers;
      otherNumbers = new int[numbers.length];
      halves = new long[numbers.length];
      otherHalves = new long[numbers.length];
    }

    /** Sorts by the bytes that differ in one half of the keys; stable. */
    void sort(long differ, boolean isHigh) {
      if (differ == 0) {
        return;
      }
      for (int i = 0; i < numbers.length; i++) {
        halves[i] = isHigh ? keys.high(numbers[i]) : keys.low(numbers[i]);
      }
      for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
        if ((differ >>> shift & 0xFF) != 0) {
          distribute(shift);
        }
      }
    }

    private void distribute(int shift) {
      int[] starts = new int[257];
      for (long half : halves) {
        starts[(int) (half >>> shift & 0xFF) + 1]++;
      }
      for (int i = 0; i < 256; i++) {
        starts[i + 1] += starts[i];
      }
      for (int i = 0; i < halves.length; i++) {
        int to = starts[(int) (halves[i] >>> shift & 0xFF)]++;
        otherHalves[to] = halves[i];
        otherNumbers[to] = numbers[i];
      }
      long[] sortedHalves = otherHalves;
      otherHalves = halves;
      halves = sortedHalves;
      int[] sortedNumbers = otherNumbers;
      otherNumbers = numbers;
      numbers = sortedNumbers;
    }
  }

  private boolean isSorted(int[] numbers) {
    if (numbers.length == 0 || numbers[numbers.length - 1] < keys.ascending()) {
      return true;
    }
    for (int i = 1; i < numbers.length; i++) {
      if (compare(numbers[i - 1], numbers[i]) > 0) {
        return false;
      }
    }
    return true;
  }
}
