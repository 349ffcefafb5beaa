package io.walstrata.layerstore.redo;

import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Replays records that overwrite bytes of a page, for logs without a record format of their own.
 * All pages have one size.
 *
 * <p>A WAL record is one or more patches, which are applied in order; all numbers are big-endian:
 *
 * <pre>
 *   Record -> Patch+
 *   Patch  -> Offset Length Byte*
 *
 *   offset  bytes  field
 *        0      4  Offset: where in the page the first byte is written, unsigned
 *        4      4  Length: how many bytes follow, unsigned; may be 0
 *        8      n  the bytes
 * </pre>
 *
 * <p>A patch ends at or before the end of the page. A record with {@code will_init} is applied to a
 * page of zeros, every other one to the page as the version before it left it. An image is the
 * whole page. What differs from this is refused, with the LSN of the version.
 */
public final class BytePatchRedo implements PageRedo {
  private static final int HEADER_BYTES = 2 * Integer.BYTES;

  private final int pageBytes;

  /**
   * @param pageBytes the size of each page, from 1 to {@link Value#MAX_BYTES}
   */
  public BytePatchRedo(int pageBytes) {
    if (pageBytes < 1 || pageBytes > Value.MAX_BYTES) {
      throw new IllegalArgumentException(
          "a page must have from 1 to " + Value.MAX_BYTES + " bytes: pageBytes=" + pageBytes);
    }
    this.pageBytes = pageBytes;
  }

  /** Bytes to write at an offset of a page. The array is not copied. */
  @SuppressWarnings("ArrayRecordComponent") // only read to make a record
  public record Patch(int offset, byte[] bytes) {}

  /** Returns the WAL record of some patches. */
  public static byte[] record(Patch... patches) {
    int length = 0;
    for (Patch patch : patches) {
      length = Math.addExact(length, Math.addExact(HEADER_BYTES, patch.bytes().length));
    }
    ByteBuffer record = ByteBuffer.allocate(length);
    for (Patch patch : patches) {
      record.putInt(patch.offset()).putInt(patch.bytes().length).put(patch.bytes());
    }
    return record.array();
  }

  @Override
  public RedoResult redo(RedoRequest request) {
    Version base = request.base();
    List<Version> records = request.records();
    if (base == null && records.isEmpty()) {
      return NoPage.of(request);
    }
    if (base == null && records.get(0).value().kind().needsOlder()) {
      return refused(
          request, records.get(0), RedoResult.Reason.MISSING_BASE, "no version before this one");
    }
    if (base != null && base.value().bytes().length != pageBytes) {
      return refused(
          request,
          base,
          RedoResult.Reason.DAMAGED_RECORD,
          "an image that is not a page: bytes="
              + base.value().bytes().length
              + ", pageBytes="
              + pageBytes);
    }
    byte[] page = base == null ? new byte[pageBytes] : base.value().bytes().clone();
    for (Version record : records) {
      RedoResult refused = apply(request, record, page);
      if (refused != null) {
        return refused;
      }
    }
    return new RedoResult.Page(page, records.size(), List.of());
  }

  /** Applies a record to the page; returns null, or why it cannot be applied. */
  private static @Nullable RedoResult apply(RedoRequest request, Version record, byte[] page) {
    if (record.value().kind() == ValueKind.WAL_RECORD_WILL_INIT) {
      Arrays.fill(page, (byte) 0);
    }
    byte[] bytes = record.value().bytes();
    if (bytes.length == 0) {
      return refused(request, record, RedoResult.Reason.DAMAGED_RECORD, "a record without a patch");
    }
    ByteBuffer patches = ByteBuffer.wrap(bytes);
    while (patches.hasRemaining()) {
      int at = patches.position();
      long offset = patches.remaining() < HEADER_BYTES ? -1 : patches.getInt() & 0xFFFF_FFFFL;
      long length = offset < 0 ? -1 : patches.getInt() & 0xFFFF_FFFFL;
      if (length < 0 || length > patches.remaining()) {
        return refused(
            request,
            record,
            RedoResult.Reason.DAMAGED_RECORD,
            "a patch that its record does not have whole: at=" + at + ", bytes=" + bytes.length);
      }
      if (offset + length > page.length) {
        return refused(
            request,
            record,
            RedoResult.Reason.DOES_NOT_FIT,
            "a patch that ends after the page: offset="
                + offset
                + ", length="
                + length
                + ", pageBytes="
                + page.length);
      }
      patches.get(page, (int) offset, (int) length);
    }
    return null;
  }

  private static RedoResult refused(
      RedoRequest request, Version version, RedoResult.Reason reason, String detail) {
    return new RedoResult.Refused(request.key(), version.lsn(), reason, detail);
  }
}
