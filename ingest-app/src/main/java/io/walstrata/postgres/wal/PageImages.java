package io.walstrata.postgres.wal;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.util.Arrays;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import org.jspecify.annotations.Nullable;

/** Restores whole pages from the images in WAL records. */
final class PageImages {
  private static final int PAGE_BYTES = BlockReference.PAGE_BYTES;

  private static final LZ4SafeDecompressor LZ4 = LZ4Factory.safeInstance().safeDecompressor();

  private PageImages() {}

  /** Returns the whole page that a block reference holds. */
  static byte[] restore(BlockReference block) {
    byte[] page = new byte[PAGE_BYTES];
    String wrong =
        restore(
            block.imageInfo,
            block.holeOffset,
            block.holeLength,
            block.image.toArray(),
            0,
            block.imageLength,
            page);
    if (wrong != null) {
      throw block.image.error(wrong(block.id, block.compression(), wrong));
    }
    return page;
  }

  static String wrong(int block, ImageCompression compression, String reason) {
    return "page image does not decompress: block="
        + block
        + ", method="
        + compression
        + ", reason="
        + reason;
  }

  /**
   * Fills a page with the image of a block: decompressed, zeros where the hole is.
   *
   * @param start where in {@code record} the stored image begins
   * @return what is wrong with the image, or null
   */
  static @Nullable String restore(BlockHeader block, byte[] record, int start, byte[] page) {
    return restore(
        block.imageInfo,
        block.holeOffset,
        block.holeLength,
        record,
        start,
        block.imageLength,
        page);
  }

  private static @Nullable String restore(
      int info,
      int holeOffset,
      int holeLength,
      byte[] stored,
      int start,
      int storedLength,
      byte[] page) {
    ImageCompression compression = ImageCompression.of(info);
    byte[] plain = stored;
    int at = start;
    if (compression != ImageCompression.NONE) {
      plain = new byte[PAGE_BYTES - holeLength];
      at = 0;
      byte[] image = Arrays.copyOfRange(stored, start, start + storedLength);
      String wrong = decompress(compression, image, plain);
      if (wrong != null) {
        return wrong;
      }
    }
    int afterHole = holeOffset + holeLength;
    System.arraycopy(plain, at, page, 0, holeOffset);
    Arrays.fill(page, holeOffset, afterHole, (byte) 0);
    System.arraycopy(plain, at + holeOffset, page, afterHole, PAGE_BYTES - afterHole);
    return null;
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
