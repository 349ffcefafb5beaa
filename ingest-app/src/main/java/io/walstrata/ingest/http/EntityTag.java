package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.page.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Entity tags of pages. They are strong: equal only where the answers are equal, byte by byte. */
final class EntityTag {
  /** The version of this program: another one may describe records in other words. */
  private static final String PROGRAM =
      String.valueOf(EntityTag.class.getPackage().getImplementationVersion());

  private static final int TAG_BYTES = 16;

  private EntityTag() {}

  /**
   * Returns the tag, in its quotes, of an answer without {@code lastLsn} and {@code layersVisited}.
   */
  static String of(ReconstructData data, boolean withBytes) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-256, which every Java must have", e);
    }
    // With blanks between them: LSNs differ in length.
    String what =
        String.join(
            " ",
            PROGRAM,
            data.timeline().toString(),
            data.key().toString(),
            data.asOf().toString(),
            data.firstLsn().toString(),
            data.status().name(),
            String.valueOf(data.droppedAt()),
            String.valueOf(withBytes));
    digest.update(what.getBytes(StandardCharsets.UTF_8));
    Version base = data.base();
    if (base != null) {
      add(digest, base);
    }
    data.records().forEach(record -> add(digest, record));
    return '"' + HexFormat.of().formatHex(digest.digest(), 0, TAG_BYTES) + '"';
  }

  private static void add(MessageDigest digest, Version version) {
    byte[] bytes = version.value().bytes();
    digest.update(
        ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES)
            .putLong(version.lsn().value())
            .putInt(version.value().kind().id())
            .putInt(bytes.length)
            .array());
    digest.update(bytes);
  }

  /**
   * Returns whether an {@code If-None-Match} header has a tag.
   *
   * @param header null for none
   */
  static boolean matches(@Nullable String header, String etag) {
    if (header == null) {
      return false;
    }
    for (String each : header.split(",", -1)) {
      String tag = each.strip();
      // If-None-Match compares weakly, whatever the tags are.
      if (tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag)) {
        return true;
      }
    }
    return false;
  }
}
