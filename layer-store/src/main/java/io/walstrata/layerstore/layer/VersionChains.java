package io.walstrata.layerstore.layer;

import static io.walstrata.layerstore.layer.KeyTable.NONE;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The versions of one layer in memory, numbered from 0 in the order in which they came, each linked
 * to its key's older ones. One thread writes, any number read versions that were published to them.
 */
final class VersionChains {
  /*
   *   places   version -> LSN, place; in chunks
   *   links    version -> older version + 1, jump version + 1, depth; in chunks
   *
   * The jump link makes the search for an LSN logarithmic: it skips as many versions as the digits
   * of a skew-binary number say, so that a step either leaves a long stretch behind or halves it
   * (E. W. Myers, "An applicative random-access stack", Information Processing Letters 17, 1983).
   * It costs a fixed 4 bytes and is set once, from the links of the next older version; nothing is
   * ever rebalanced. Depth counts the key's older versions and tells how long a jump is.
   *
   * Memory: 28 bytes a version.
   */
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int CHUNK_BITS = 13;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int FIRST_CHUNK = 8; // of a layer that holds next to nothing
  private static final int PLACE_FIELDS = 2;
  private static final int LINK_FIELDS = 3;
  private static final int JUMP = 1;
  private static final int DEPTH = 2;

  private volatile long[][] places = new long[0][];
  private volatile int[][] links = new int[0][];
  private int count; // the writer's own

  /** Returns the number of versions. For the writer. */
  int count() {
    return count;
  }

  /**
   * Adds a version, which readers do not see before it is published as its key's newest. For the
   * writer.
   *
   * @param older the key's newest version so far, or {@link KeyTable#NONE}
   */
  int append(int older, long lsn, long place) {
    int version = count;
    if (version == Integer.MAX_VALUE - 1) {
      throw new IllegalStateException("too many versions in a layer, freeze sooner");
    }
    int chunk = version >>> CHUNK_BITS;
    int inChunk = version & (CHUNK - 1);
    if (chunk == places.length || inChunk * PLACE_FIELDS == places[chunk].length) {
      links = Chunks.grown(links, chunk, FIRST_CHUNK * LINK_FIELDS, CHUNK * LINK_FIELDS);
      places = Chunks.grown(places, chunk, FIRST_CHUNK * PLACE_FIELDS, CHUNK * PLACE_FIELDS);
    }
    long[] placeFields = places[chunk];
    placeFields[inChunk * PLACE_FIELDS] = lsn;
    placeFields[inChunk * PLACE_FIELDS + 1] = place;
    if (older != NONE) {
      int[] linkFields = links[chunk];
      linkFields[inChunk * LINK_FIELDS] = older + 1;
      linkFields[inChunk * LINK_FIELDS + JUMP] = jumpFrom(older) + 1;
      linkFields[inChunk * LINK_FIELDS + DEPTH] = depth(older) + 1;
    }
    count = version + 1;
    return version;
  }

  /** Returns where a version jumps whose next older one is given: over two equal jumps, or by 1. */
  private int jumpFrom(int older) {
    int near = jump(older);
    if (near == NONE) {
      return older;
    }
    int far = jump(near);
    return far != NONE && depth(older) - depth(near) == depth(near) - depth(far) ? far : older;
  }

  /** Gives a version another value, and returns the place of the old one. For the writer. */
  long replace(int version, long place) {
    long[] fields = places[version >>> CHUNK_BITS];
    int at = (version & (CHUNK - 1)) * PLACE_FIELDS + 1;
    long old = fields[at];
    LONGS.setRelease(fields, at, place);
    return old;
  }

  /**
   * Returns the newest at or below an LSN of a version and its older ones, or {@link
   * KeyTable#NONE}. Takes time logarithmic in the number of versions passed over.
   */
  int atOrBelow(int version, long lsn) {
    int at = version;
    while (at != NONE && Long.compareUnsigned(lsn(at), lsn) > 0) {
      int jump = jump(at);
      at = jump != NONE && Long.compareUnsigned(lsn(jump), lsn) > 0 ? jump : older(at);
    }
    return at;
  }

  long lsn(int version) {
    return places[version >>> CHUNK_BITS][(version & (CHUNK - 1)) * PLACE_FIELDS];
  }

  /** Returns where the value is, as {@link Place} packs it. */
  long place(int version) {
    long[] fields = places[version >>> CHUNK_BITS];
    return (long) LONGS.getAcquire(fields, (version & (CHUNK - 1)) * PLACE_FIELDS + 1);
  }

  /** Returns the next older version of the same key, or {@link KeyTable#NONE}. */
  int older(int version) {
    return link(version, 0) - 1;
  }

  /** Returns how many older versions the key has. */
  int depth(int version) {
    return link(version, DEPTH);
  }

  private int jump(int version) {
    return link(version, JUMP) - 1;
  }

  private int link(int version, int field) {
    return links[version >>> CHUNK_BITS][(version & (CHUNK - 1)) * LINK_FIELDS + field];
  }
}
