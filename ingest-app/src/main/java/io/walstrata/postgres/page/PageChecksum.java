package io.walstrata.postgres.page;

/**
 * The checksum of a page, {@code pd_checksum}: 32 sums in parallel, each a variant of FNV-1a over
 * every 32nd word of 4 bytes, folded into 16 bits together with the block number.
 *
 * <p>In PostgreSQL: {@code storage/checksum_impl.h}. The start values are part of the format.
 */
public final class PageChecksum {
  private static final int[] START = {
    0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
    0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
    0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
    0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
  };
  private static final int FNV_PRIME = 16_777_619;
  private static final int MIXING_ROUNDS = 2;

  private PageChecksum() {}

  /**
   * Returns the checksum that a page should have, 1 to 65535; the one that it has is ignored.
   *
   * @param block the page's number in its fork, unsigned 32 bits
   */
  public static int of(Page page, long block) {
    int sum = 0;
    for (int lane = 0; lane < START.length; lane++) {
      int hash = START[lane];
      for (int at = 4 * lane; at < Page.BYTES; at += 4 * START.length) {
        hash = mix(hash, at == Page.CHECKSUM_WORD ? page.i32(at) & 0xFFFF0000 : page.i32(at));
      }
      for (int round = 0; round < MIXING_ROUNDS; round++) {
        hash = mix(hash, 0);
      }
      sum ^= hash;
    }
    return Integer.remainderUnsigned(sum ^ (int) block, 65_535) + 1;
  }

  private static int mix(int hash, int word) {
    int mixed = hash ^ word;
    return (mixed * FNV_PRIME) ^ (mixed >>> 17);
  }
}
