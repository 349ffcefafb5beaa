package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A file that holds a WAL segment, perhaps compressed. Immutable.
 *
 * @param path where it is
 * @param name the segment that it is named after
 * @param isPartial whether its name shows that it was not finished
 * @param isPacked whether it is compressed
 */
public record WalFile(Path path, WalSegmentName name, boolean isPartial, boolean isPacked) {
  /** The segment; what tools add: a digest, .partial, a compression. */
  private static final Pattern NAME =
      Pattern.compile("([0-9A-F]{24})((?:-[0-9a-f]{40}|\\.[0-9A-Za-z_-]+)*)");

  private static final Pattern PARTIAL = Pattern.compile("\\.partial(?![0-9A-Za-z_])");

  /** Added names of files whose content is looked at: all of these are segments. */
  private static final Pattern READABLE =
      Pattern.compile("(?:-[0-9a-f]{40}|\\.partial|\\.(?i:gz|gzip|z|zst|zstd|lz4|xz|bz2|bzip2))*");

  /** Added names of files that stand beside segments and hold no log. */
  private static final Pattern BESIDE =
      Pattern.compile(".*\\.(?:tmp|ready|done|ok|md5|sha1|sha256|sha512|crc|json)");

  /** What a file is, by its name. */
  enum Kind {
    SEGMENT,
    /** Holds a segment in a form that is not known by its name. */
    UNKNOWN_FORM,
    /** Stands beside a segment: a status, a checksum, a copy that is not finished. */
    BESIDE,
    /** Not named after a segment. */
    OTHER
  }

  static Kind kind(String fileName) {
    Matcher matcher = NAME.matcher(fileName);
    if (!matcher.matches()) {
      return Kind.OTHER;
    }
    return kindOfAdded(matcher.group(2));
  }

  /** Returns the kind of a file by what is added to the name of a segment or a history. */
  static Kind kindOfAdded(String added) {
    if (READABLE.matcher(added).matches()) {
      return Kind.SEGMENT;
    }
    return BESIDE.matcher(added).matches() ? Kind.BESIDE : Kind.UNKNOWN_FORM;
  }

  /** Returns the segment that a file is named after, null if it is none. */
  public static @Nullable WalSegmentName segmentName(Path file) {
    Matcher matcher = NAME.matcher(fileName(file));
    return matcher.matches() && kind(fileName(file)) == Kind.SEGMENT
        ? WalSegmentName.parse(matcher.group(1))
        : null;
  }

  /**
   * Returns the segment that a file is named after.
   *
   * @throws IllegalArgumentException if it is not, or is packed in a way that is not known
   * @throws IOException if it cannot be read
   */
  public static WalFile of(Path file) throws IOException {
    Matcher matcher = NAME.matcher(fileName(file));
    WalSegmentName name = matcher.matches() ? WalSegmentName.parse(matcher.group(1)) : null;
    if (name == null) {
      throw new IllegalArgumentException(
          "not the name of a WAL segment, expected 24 hexadecimal digits: file=" + file);
    }
    String added = matcher.group(2);
    Packing packing = packing(file);
    if (packing == null || kind(fileName(file)) != Kind.SEGMENT) {
      throw new IllegalArgumentException(
          "WAL segment in a form that is not read, unpack it or move it away: file="
              + file
              + ", form="
              + Packing.guess(firstBytes(file), added)
              + ", read are plain files and "
              + Packing.supported());
    }
    return new WalFile(file, name, PARTIAL.matcher(added).find(), packing != Packing.NONE);
  }

  static String fileName(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static @Nullable Packing packing(Path file) throws IOException {
    return Packing.of(firstBytes(file));
  }

  private static byte[] firstBytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(Packing.MAGIC_BYTES);
    }
  }

  /** Opens the file; what is read is not packed. */
  InputStream open() throws IOException {
    return unpacked(path);
  }

  /** Opens any file; what is read is not packed, if the packing is known. */
  public static InputStream unpacked(Path file) throws IOException {
    Packing packing = packing(file);
    InputStream in = Files.newInputStream(file);
    if (packing == null || packing == Packing.NONE) {
      return in;
    }
    try {
      return packing.unpack(new BufferedInputStream(in, 64 * 1024));
    } catch (IOException | RuntimeException e) {
      in.close();
      throw new IOException("cannot unpack: file=" + file + ", cause=" + e, e);
    }
  }

  /** What the first page of a segment file is. */
  public enum Content {
    /** Log, or what should be: reading it shows. */
    LOG,
    /** Never written. */
    BLANK,
    /** Log of an earlier segment: the file was kept for later use. */
    RECYCLED
  }

  /**
   * Returns the first page's header, null if the file is too short for one or it has no segment
   * header of a supported version.
   */
  @Nullable WalPageHeader header() throws IOException {
    byte[] head = head();
    if (head.length < WalPageHeader.LONG_BYTES) {
      return null;
    }
    WalPageHeader header = new WalPageHeader(head, 0);
    boolean known = PgVersion.ofMagic(header.magic) != null && header.isLong();
    return known && WalPageHeader.isSegmentSize(header.segmentBytes) ? header : null;
  }

  /**
   * Returns what the file holds, as far as its first page shows.
   *
   * @param segmentBytes size of a segment
   */
  public Content content(int segmentBytes) throws IOException {
    byte[] head = head();
    if (head.length < WalPageHeader.LONG_BYTES) {
      return Content.LOG;
    }
    WalPageHeader header = new WalPageHeader(head, 0);
    if (header.isBlank()) {
      return Content.BLANK;
    }
    return header.isRecycled(startLsn(segmentBytes)) ? Content.RECYCLED : Content.LOG;
  }

  /** Returns the first bytes, unpacked; fewer if there are not so many. */
  private byte[] head() throws IOException {
    byte[] head = new byte[WalPageHeader.LONG_BYTES];
    int length = 0;
    try (InputStream in = open()) {
      for (int count = 0; count >= 0 && length < head.length; length += Math.max(0, count)) {
        count = in.read(head, length, head.length - length);
      }
    } catch (IOException e) {
      if (!isPartial) {
        throw new IOException("cannot read: file=" + path + ", cause=" + e, e);
      }
    }
    return java.util.Arrays.copyOf(head, length);
  }

  /** Returns where the segment starts. */
  public Lsn startLsn(int segmentBytes) {
    try {
      return name.startLsn(segmentBytes);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + ", file=" + path, e);
    }
  }

  /** Returns the segment's number: where it starts, divided by its size. */
  public long number(int segmentBytes) {
    return Long.divideUnsigned(startLsn(segmentBytes).value(), segmentBytes);
  }
}
