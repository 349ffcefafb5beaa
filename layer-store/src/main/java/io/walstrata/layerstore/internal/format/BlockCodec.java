package io.walstrata.layerstore.internal.format;

import com.github.luben.zstd.Zstd;
import io.walstrata.layerstore.Compression;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * Compresses the bodies of blocks: ids of {@link Compression} in files, LZ4 in its block format, a
 * Zstandard frame each.
 *
 * <p>The same body gives the same bytes wherever it is written, with the same release of the
 * library: LZ4 always runs in its Java form without {@code Unsafe}, as its native form gives other
 * bytes.
 */
final class BlockCodec {
  private static final int ZSTD_LEVEL = 1;

  private BlockCodec() {}

  /** A class of its own, so that the library is loaded only when it is used. */
  private static final class Lz4 {
    static final LZ4Factory FACTORY = LZ4Factory.safeInstance();
    static final LZ4Compressor COMPRESSOR = FACTORY.fastCompressor();
  }

  /** Returns the greatest length of a compressed body of this length. */
  static int maxLength(Compression compression, int length) {
    return switch (compression) {
      case NONE -> 0;
      case LZ4 -> Lz4.COMPRESSOR.maxCompressedLength(length);
      case ZSTD -> Math.toIntExact(Zstd.compressBound(length));
    };
  }

  /**
   * Compresses a part of {@code bytes} to the start of {@code target}; returns the length there.
   */
  static int compress(
      Compression compression, byte[] bytes, int offset, int length, byte[] target) {
    return switch (compression) {
      case NONE -> throw new IllegalArgumentException("nothing to compress");
      case LZ4 -> Lz4.COMPRESSOR.compress(bytes, offset, length, target, 0, target.length);
      case ZSTD ->
          (int)
              checked(
                  Zstd.compressByteArray(
                      target, 0, target.length, bytes, offset, length, ZSTD_LEVEL));
    };
  }

  /**
   * Decompresses a part of {@code bytes} into {@code body}.
   *
   * @throws RuntimeException if the part is not compressed data, is more than one frame, or
   *     decompresses to another length
   */
  static void decompress(
      Compression compression, byte[] bytes, int offset, int length, byte[] body) {
    int actual =
        switch (compression) {
          case NONE -> throw new IllegalArgumentException("nothing to decompress");
          case LZ4 ->
              Lz4.FACTORY
                  .safeDecompressor()
                  .decompress(bytes, offset, length, body, 0, body.length);
          case ZSTD -> decompressFrame(bytes, offset, length, body);
        };
    if (actual != body.length) {
      throw new IllegalArgumentException(
          "the decompressed length is not that of the body: expected="
              + body.length
              + ", actual="
              + actual);
    }
  }

  private static int decompressFrame(byte[] bytes, int offset, int length, byte[] body) {
    int frame = ZstdFrame.length(bytes, offset, offset + length);
    if (frame != length) {
      throw new IllegalArgumentException(
          "more than one Zstandard frame: frameLength=" + frame + ", storedLength=" + length);
    }
    return (int) checked(Zstd.decompressByteArray(body, 0, body.length, bytes, offset, length));
  }

  private static long checked(long result) {
    if (Zstd.isError(result)) {
      throw new IllegalArgumentException(Zstd.getErrorName(result));
    }
    return result;
  }
}
