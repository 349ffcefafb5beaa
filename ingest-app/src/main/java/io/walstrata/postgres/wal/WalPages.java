package io.walstrata.postgres.wal;

import io.walstrata.layerstore.page.Lsn;
import org.jspecify.annotations.Nullable;

/** What the pages read so far have in common, and the check that the next one matches them. */
final class WalPages {
  private int segmentBytes;
  private long systemIdentifier;
  private long timeline;
  private @Nullable PgVersion version;

  WalPages(int segmentBytes) {
    this.segmentBytes = segmentBytes;
  }

  int segmentBytes() {
    return segmentBytes;
  }

  long systemIdentifier() {
    return systemIdentifier;
  }

  long timeline() {
    return timeline;
  }

  @Nullable PgVersion version() {
    return version;
  }

  boolean isFirst() {
    return version == null;
  }

  /** Checks the page and keeps what its header states. */
  void enter(WalPageHeader header, Lsn expected) {
    header.check(expected);
    if (version != null && header.magic != version.magic()) {
      throw new WalException(
          expected,
          "page is of another major version than the one before: expected="
              + version
              + ", actual="
              + PgVersion.ofMagic(header.magic));
    }
    if (header.timeline < timeline) {
      throw new WalException(
          expected,
          "page goes back to an older timeline: timeline=" + header.timeline + ", was=" + timeline);
    }
    boolean segmentStart = WalPositions.isSegmentStart(expected, segmentBytes);
    if (segmentStart && !header.isLong()) {
      throw new WalException(
          expected, "segment starts without a segment header: segmentBytes=" + segmentBytes);
    }
    if (header.isLong()) {
      enterSegment(header, expected);
    }
    version = PgVersion.ofMagic(header.magic);
    timeline = header.timeline;
  }

  private void enterSegment(WalPageHeader header, Lsn expected) {
    if (segmentBytes != 0 && header.segmentBytes != segmentBytes) {
      throw new WalException(
          expected,
          "segment is of another size: expected="
              + segmentBytes
              + ", actual="
              + header.segmentBytes);
    }
    if (systemIdentifier != 0 && header.systemIdentifier != systemIdentifier) {
      throw new WalException(
          expected,
          "WAL of another cluster: expected="
              + Long.toUnsignedString(systemIdentifier)
              + ", actual="
              + Long.toUnsignedString(header.systemIdentifier));
    }
    segmentBytes = header.segmentBytes;
    systemIdentifier = header.systemIdentifier;
  }
}
