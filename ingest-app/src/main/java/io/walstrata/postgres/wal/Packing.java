package io.walstrata.postgres.wal;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** How an archived file is compressed, recognized by its first bytes: names are not reliable. */
enum Packing {
  NONE,
  GZIP("1f8b"),
  ZSTD("28b52ffd"),
  LZ4("04224d18"),
  XZ("fd377a585a00"),
  BZIP2("425a68");

  /** How many of a file's first bytes are needed to recognize its packing. */
  static final int MAGIC_BYTES = 8;

  /** Packings that are recognized, but cannot be read: by first bytes, in hexadecimal. */
  private static final Map<String, String> OTHERS =
      Map.of(
          "02214c18", "lz4, the format before frames",
          "894c5a4f", "lzop",
          "504b0304", "zip",
          "377abcaf271c", "7z",
          "5d0000", "lzma",
          "53616c7465645f5f", "encrypted by openssl or pgBackRest",
          "6167652d656e6372", "encrypted by age",
          "2d2d2d2d2d424547", "armored, probably encrypted");

  /** Packings without bytes that identify them: by suffix of the file name. */
  private static final Map<String, String> BY_SUFFIX =
      Map.of(
          "br", "brotli",
          "lzma", "lzma",
          "lzo", "lzop",
          "gpg", "encrypted by OpenPGP",
          "pgp", "encrypted by OpenPGP",
          "age", "encrypted by age",
          "enc", "encrypted",
          "aes", "encrypted");

  private static final Pattern SUFFIXES = Pattern.compile("[.]");

  /** What xz may take for its dictionary; {@code xz -9} needs 65 MiB. In KiB. */
  private static final int XZ_MEMORY_KIB = 128 << 10;

  private final String magic;

  Packing() {
    this("");
  }

  Packing(String magic) {
    this.magic = magic;
  }

  /** Returns the packings that can be read, for messages. */
  static String supported() {
    return String.join(
        ", ", List.of(values()).subList(1, values().length).stream().map(Packing::text).toList());
  }

  private String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the packing of a file that begins with these bytes, null if it is not recognized.
   *
   * @param first the first {@link #MAGIC_BYTES} bytes, or the whole file
   */
  static @Nullable Packing of(byte[] first) {
    if (isWalOrBlank(first)) {
      return NONE;
    }
    String hex = HexFormat.of().formatHex(first);
    for (Packing packing : values()) {
      if (packing != NONE && hex.startsWith(packing.magic)) {
        return packing;
      }
    }
    // A frame to be skipped: pzstd writes one first, and lz4 none.
    boolean skippable =
        first.length >= 4 && (first[0] & 0xF0) == 0x50 && hex.startsWith("2a4d18", 2);
    return skippable ? ZSTD : null;
  }

  /** Pages of all versions, supported or not, begin with D0xx or D1xx, the low byte first. */
  private static boolean isWalOrBlank(byte[] first) {
    boolean wal = first.length >= 2 && (first[1] & 0xFE) == 0xD0;
    boolean blank = true;
    for (byte b : first) {
      blank &= b == 0;
    }
    return wal || blank;
  }

  /** Returns what a file that begins with these bytes probably is, for messages. */
  static String guess(byte[] first, String suffix) {
    String hex = HexFormat.of().formatHex(first);
    for (Map.Entry<String, String> other : OTHERS.entrySet()) {
      if (hex.startsWith(other.getKey())) {
        return other.getValue();
      }
    }
    return SUFFIXES
        .splitAsStream(suffix.toLowerCase(Locale.ROOT))
        .map(part -> BY_SUFFIX.getOrDefault(part, ""))
        .filter(kind -> !kind.isEmpty())
        .findFirst()
        .orElse("unknown, perhaps encrypted");
  }

  /** Returns the unpacked bytes. Memory does not depend on how large they are. */
  InputStream unpack(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, 64 * 1024);
      case ZSTD -> new ZstdInputStream(in); // Refuses windows of more than 128 MiB by itself.
      case LZ4 -> new FramedLZ4CompressorInputStream(in, /* decompressConcatenated= */ true);
      case XZ -> new XZInputStream(in, XZ_MEMORY_KIB);
      case BZIP2 -> new BZip2CompressorInputStream(in, /* decompressConcatenated= */ true);
    };
  }
}
