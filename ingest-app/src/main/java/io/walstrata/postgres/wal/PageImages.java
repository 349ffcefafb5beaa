package io.walstrata.postgres.wal;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.walstrata.layerstore.page.Lsn;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/** Restores whole pages from the images in WAL records. */
final class PageImages {
  private static final int PAGE_BYTES = BlockReference.PAGE_BYTES;

  /** Where a page header holds the start of the free space's end; 0 on a page never used. */
  private static final int PD_UPPER = 14;

  private static final LZ4SafeDecompressor LZ4 = LZ4Factory.safeInstance().safeDecompressor();

  private PageImages() {}

  /** Sets {@code pd_lsn}, unless the page is a new one, as PostgreSQL's replay does. */
  static void stamp(byte[] page, Lsn lsn) {
    if (LittleEndian.u16(page, PD_UPPER) != 0) {
      // Two halves, the upper one first, each little-endian.
      LittleEndian.putI32(page, 0, (int) (lsn.value() >>> 32));
      LittleEndian.putI32(page, 4, (int) lsn.value());
    }
  }

  static byte[] restore(BlockReference block) {
    byte[] stored = block.image.toArray();
    int length = PAGE_BYTES - block.holeLength;
    byte[] plain;
    ImageCompression compression = block.compression();
    if (compression == ImageCompression.NONE) {
      plain = stored;
    } else {
      plain = new byte[length];
      String wrong = decompress(compression, stored, plain);
      if (wrong != null) {
        throw block.image.error(
            "page image does not decompress: block="
                + block.id
                + ", method="
                + compression
                + ", reason="
                + wrong);
      }
    }
    if (block.holeLength == 0) {
      return plain;
    }
    byte[] page = new byte[PAGE_BYTES];
    int afterHole = block.holeOffset + block.holeLength;
    System.arraycopy(plain, 0, page, 0, block.holeOffset);
    System.arraycopy(plain, block.holeOffset, page, afterHole, PAGE_BYTES - afterHole);
    return page;
  }

  /** Fills {@code plain} to its end; returns what is wrong, or null. */
  private static @Nullable String decompress(
      ImageCompression compression, byte[] stored, byte[] plain) {
    return switch (compression) {
      case PGLZ -> Pglz.decompress(stored, plain);
      case LZ4 -> lz4(stored, plain);
      case ZSTD -> zstd(stored, plain);
      case NONE, UNKNOWN -> "unknown method";
    };
  }

  private static @Nullable String lz4(byte[] stored, byte[] plain) {
    try {
      int length = LZ4.decompress(stored, 0, stored.length, plain, 0, plain.length);
      return wrongLength(length, plain);
    } catch (LZ4Exception e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static @Nullable String zstd(byte[] stored, byte[] plain) {
    try {
      long length = Zstd.decompressByteArray(plain, 0, plain.length, stored, 0, stored.length);
      return Zstd.isError(length) ? Zstd.getErrorName(length) : wrongLength(length, plain);
    } catch (ZstdException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static @Nullable String wrongLength(long length, byte[] plain) {
    return length == plain.length
        ? null
        : "wrong length, expected=" + plain.length + ", actual=" + length;
  }
}
