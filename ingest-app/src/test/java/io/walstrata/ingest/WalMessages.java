package io.walstrata.ingest;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.schemas.WalPageKey;
import io.walstrata.schemas.WalRecord;
import io.walstrata.schemas.WalTimelineId;
import io.walstrata.schemas.WalValueKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** WAL messages for tests. */
public final class WalMessages {
  public static final TimelineId TIMELINE = TimelineId.parse("a1".repeat(16));
  public static final PageKey PAGE = PageKey.parse("1663.5.16384.0.7");

  private WalMessages() {}

  /** Returns an image of {@link #PAGE} in {@link #TIMELINE}. */
  public static WalRecord image(long lsn, String text) {
    return record(TIMELINE, lsn, WalValueKind.IMAGE, text);
  }

  /** Returns an opaque WAL record of {@link #PAGE} in {@link #TIMELINE}. */
  public static WalRecord change(long lsn, String text) {
    return record(TIMELINE, lsn, WalValueKind.WAL_RECORD, text);
  }

  static WalRecord record(TimelineId timeline, long lsn, WalValueKind kind, String text) {
    return WalRecord.newBuilder()
        .setTimeline(new WalTimelineId(timeline.toBytes()))
        .setLsn(lsn)
        .setKey(new WalPageKey(PAGE.toBytes()))
        .setKind(kind)
        .setValue(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
        .build();
  }
}
