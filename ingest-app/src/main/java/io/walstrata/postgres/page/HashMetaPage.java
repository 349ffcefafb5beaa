package io.walstrata.postgres.page;

/**
 * The contents of the meta page of a hash index, which is block 0.
 *
 * <p>In PostgreSQL: {@code HashMetaPageData} of {@code access/hash.h}, and {@code hashutil.c} for
 * how buckets are counted: they are added in groups, each as large as all before it, from the
 * eleventh on in four phases. For each phase the page has a number of spare pages.
 */
public final class HashMetaPage {
  private static final int CONTENTS = Page.HEADER_BYTES;
  private static final int MAGIC = CONTENTS;
  private static final int VERSION = CONTENTS + 4;
  private static final int NTUPLES = CONTENTS + 8;
  private static final int FFACTOR = CONTENTS + 16;
  private static final int BSIZE = CONTENTS + 18;
  private static final int BMSIZE = CONTENTS + 20;
  private static final int BMSHIFT = CONTENTS + 22;
  private static final int MAXBUCKET = CONTENTS + 24;
  private static final int HIGHMASK = CONTENTS + 28;
  private static final int LOWMASK = CONTENTS + 32;
  private static final int OVFLPOINT = CONTENTS + 36;
  private static final int FIRSTFREE = CONTENTS + 40;
  private static final int NMAPS = CONTENTS + 44;
  private static final int PROCID = CONTENTS + 48;
  private static final int SPARES = CONTENTS + 52;
  private static final int MAX_SPLITPOINTS = 98;
  private static final int MAPP = SPARES + 4 * MAX_SPLITPOINTS;
  private static final int MAX_BITMAPS = 1024;
  private static final int END = CONTENTS + Page.align(MAPP + 4 * MAX_BITMAPS - CONTENTS);

  private static final int MAGIC_NUMBER = 0x6440640;
  private static final int VERSION_NUMBER = 4;

  /** The space between header and special space, and the greatest power of two in it. */
  private static final int BITMAP_SPACE = Page.BYTES - CONTENTS - HashPage.SPECIAL_BYTES;

  private static final int BITMAP_BYTES = Integer.highestOneBit(BITMAP_SPACE);

  private static final int SINGLE_PHASE_GROUPS = 10;
  private static final int PHASE_BITS = 2;
  private static final int PHASE_MASK = (1 << PHASE_BITS) - 1;
  private static final int MAX_INITIAL_BUCKETS = 0x40000000;

  private HashMetaPage() {}

  /**
   * Makes the meta page of an index without tuples and bitmap pages.
   *
   * @param expectedTuples decides how many buckets there are at the beginning
   * @param fillFactor tuples in a bucket
   */
  public static void init(Page page, double expectedTuples, long procId, int fillFactor) {
    double wanted = expectedTuples / fillFactor;
    if (Double.isNaN(wanted)) {
      throw new PageException(
          "no number of buckets: tuples=" + expectedTuples + ", fillFactor=" + fillFactor);
    }
    int buckets =
        wanted <= 2
            ? 2
            : wanted >= MAX_INITIAL_BUCKETS ? MAX_INITIAL_BUCKETS : buckets(phase((int) wanted));
    int phase = phase(buckets);
    HashPage.init(page, HashPage.NONE, HashPage.NONE, HashPage.META);
    page.putI32(MAGIC, MAGIC_NUMBER);
    page.putI32(VERSION, VERSION_NUMBER);
    page.putU16(FFACTOR, fillFactor);
    page.putU16(BSIZE, BITMAP_SPACE);
    page.putU16(BMSIZE, BITMAP_BYTES);
    page.putU16(BMSHIFT, Integer.numberOfTrailingZeros(8 * BITMAP_BYTES));
    page.putI32(MAXBUCKET, buckets - 1);
    // All ones, for at least one bucket more than there are.
    int highMask = -1 >>> Integer.numberOfLeadingZeros(buckets);
    page.putI32(HIGHMASK, highMask);
    page.putI32(LOWMASK, highMask >>> 1);
    page.putI32(OVFLPOINT, phase);
    page.putI32(PROCID, (int) procId);
    page.putI32(SPARES + 4 * phase, 1);
    page.setLower(END);
  }

  /** Returns the phase in which a bucket is added, if there are so many buckets with it. */
  static int phase(int buckets) {
    int group = buckets < 2 ? 0 : 32 - Integer.numberOfLeadingZeros(buckets - 1);
    if (group < SINGLE_PHASE_GROUPS) {
      return group;
    }
    int phaseInGroup = ((buckets - 1) >>> (group - PHASE_BITS - 1)) & PHASE_MASK;
    return SINGLE_PHASE_GROUPS + ((group - SINGLE_PHASE_GROUPS) << PHASE_BITS) + phaseInGroup;
  }

  /** Returns how many buckets there are when all of a phase are added. */
  static int buckets(int phase) {
    if (phase < SINGLE_PHASE_GROUPS) {
      return 1 << phase;
    }
    int phases = phase - SINGLE_PHASE_GROUPS;
    int before = 1 << (SINGLE_PHASE_GROUPS + (phases >> PHASE_BITS) - 1);
    return before + (before >> PHASE_BITS) * ((phases & PHASE_MASK) + 1);
  }

  /**
   * Checks that the page is the meta page of a hash index.
   *
   * @throws PageException if not
   */
  public static void check(Page page) {
    HashPage.check(page);
    if (page.i32(MAGIC) != MAGIC_NUMBER || page.i32(VERSION) != VERSION_NUMBER) {
      throw new PageException(
          "not the meta page of a hash index: magic="
              + Integer.toHexString(page.i32(MAGIC))
              + ", version="
              + page.u32(VERSION));
    }
  }

  /** Returns the number of tuples. */
  public static double tuples(Page page) {
    return Double.longBitsToDouble(page.u32(NTUPLES + 4) << 32 | page.u32(NTUPLES));
  }

  public static void setTuples(Page page, double tuples) {
    page.putI64(NTUPLES, Double.doubleToRawLongBits(tuples));
  }

  /** Returns the last bucket. */
  public static long maxBucket(Page page) {
    return page.u32(MAXBUCKET);
  }

  public static void setMaxBucket(Page page, long bucket) {
    page.putI32(MAXBUCKET, (int) bucket);
  }

  public static void setMasks(Page page, long low, long high) {
    page.putI32(LOWMASK, (int) low);
    page.putI32(HIGHMASK, (int) high);
  }

  /** Sets the lowest overflow page that is free. */
  public static void setFirstFree(Page page, long bit) {
    page.putI32(FIRSTFREE, (int) bit);
  }

  /** Adds a bitmap page. */
  public static void addMap(Page page, long block) {
    long maps = page.u32(NMAPS);
    if (maps >= MAX_BITMAPS) {
      throw new PageException("too many bitmap pages: maps=" + maps);
    }
    page.putI32(MAPP + 4 * (int) maps, (int) block);
    page.putI32(NMAPS, (int) maps + 1);
  }

  /** Adds a spare page to the last phase. */
  public static void addSpare(Page page) {
    int at = spares(page.u32(OVFLPOINT));
    page.putI32(at, page.i32(at) + 1);
  }

  /** Begins a phase with a number of spare pages. */
  public static void setPhase(Page page, long phase, long spares) {
    page.putI32(spares(phase), (int) spares);
    page.putI32(OVFLPOINT, (int) phase);
  }

  private static int spares(long phase) {
    if (phase >= MAX_SPLITPOINTS) {
      throw new PageException("no such phase: phase=" + phase);
    }
    return SPARES + 4 * (int) phase;
  }
}
