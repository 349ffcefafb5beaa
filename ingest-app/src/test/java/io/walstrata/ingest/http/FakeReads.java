package io.walstrata.ingest.http;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.PageRead;
import io.walstrata.layerstore.ReadAnswer;
import io.walstrata.layerstore.ReadCost;
import io.walstrata.layerstore.ReadLimit;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.VisitedLayer;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.RedoResult;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads of one timeline in which the block number says how the read ends. */
public final class FakeReads implements LayerReads {
  public static final TimelineId TIMELINE = TimelineId.parse("00112233445566778899aabbccddeeff");
  public static final Lsn FIRST = Lsn.parse("0/100");
  public static final Lsn LAST = Lsn.parse("0/500");
  public static final Lsn DROPPED_AT = Lsn.parse("0/300");

  public static final long COMPLETE = 1;
  public static final long INCOMPLETE = 2;
  public static final long DROPPED = 3;
  public static final long BEFORE_HISTORY = 4;
  public static final long CORRUPT = 5;
  public static final long NOT_READY = 6;
  public static final long BROKEN = 7;
  public static final long SPLIT = 8;

  private static final LayerDesc LAYER =
      new LayerDesc(
          TIMELINE,
          LayerDesc.State.DELTA,
          "the-layer",
          KeyRange.ALL,
          new LsnRange(Lsn.parse("0/100"), Lsn.parse("0/501")),
          7,
          42,
          3,
          1,
          4096,
          FreezeReason.POLICY);

  /** Returns an instance that holds no partition. */
  public static HttpApi.Insight insight(Health health) {
    return new HttpApi.Insight(
        health,
        () ->
            new Answers.Status(
                "here:1", "fake", health.report().state(), List.of(), List.of(), List.of()),
        () -> "# TYPE fake gauge\nfake 1.0\n");
  }

  /** Returns the text form of the key that ends as {@code how} says. */
  public static String key(long how) {
    return "1663.5.16384.0." + how;
  }

  @Override
  public ReadAnswer<List<Located>> timelines(ReadLimit limit) {
    return new ReadAnswer.Found<>(
        List.of(
            new Located(
                "wal-3",
                new TimelineInfo(TIMELINE, FIRST, LAST, Lsn.parse("0/400"), 1, 3, 4096, 0x2a))));
  }

  @Override
  public Optional<Lsn> consistentFrom(TimelineId timeline, ReadLimit limit) {
    return Optional.of(Lsn.parse("0/180"));
  }

  @Override
  public ReadAnswer<List<LayerDesc>> layers(TimelineId timeline, ReadLimit limit) {
    return timeline.equals(TIMELINE)
        ? new ReadAnswer.Found<>(List.of(LAYER))
        : new ReadAnswer.UnknownTimeline<>(timeline);
  }

  @Override
  public ReadAnswer<ReconstructData> page(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    if (!timeline.equals(TIMELINE)) {
      return new ReadAnswer.UnknownTimeline<>(timeline);
    }
    Lsn lsn = asOf == null ? LAST : asOf;
    return lsn.isAfter(LAST) ? new ReadAnswer.NotReached<>(timeline, lsn, LAST) : read(key, lsn);
  }

  @Override
  public ReadAnswer<PageRead> redonePage(
      TimelineId timeline, PageKey key, @Nullable Lsn asOf, ReadLimit limit) {
    if (key.block() == DROPPED || key.block() == BEFORE_HISTORY) {
      return new ReadAnswer.Found<>(redone(page(key, asOf == null ? LAST : asOf)));
    }
    return page(timeline, key, asOf, limit).map(FakeReads::redone);
  }

  private static PageRead redone(ReconstructData data) {
    byte[] page = new byte[8192];
    page[9] = 77;
    RedoResult result =
        switch (data.status()) {
          case COMPLETE -> new RedoResult.Page(page, 1, List.of("hint bits are logged: false"));
          case INCOMPLETE ->
              new RedoResult.Refused(
                  data.key(), Lsn.parse("0/200"), RedoResult.Reason.MISSING_BASE, "no base");
          case DROPPED -> new RedoResult.Absent("dropped at " + DROPPED_AT);
          case BEFORE_HISTORY ->
              new RedoResult.Refused(
                  data.key(), Lsn.INVALID, RedoResult.Reason.BEFORE_HISTORY, "no version");
        };
    return new PageRead(
        data.timeline(),
        data.key(),
        data.asOf(),
        data.firstLsn(),
        data.lastLsn(),
        result,
        Lsn.parse("0/100"),
        Lsn.parse("0/200"),
        data.droppedAt(),
        /* isFromCache= */ true,
        data.layersVisited(),
        data.cost());
  }

  private static ReadAnswer<ReconstructData> read(PageKey key, Lsn asOf) {
    return switch ((int) key.block()) {
      case (int) CORRUPT ->
          new ReadAnswer.Failed<>(
              new CorruptLayerException("home/the-layer", 12, "checksum", 1, 2));
      case (int) NOT_READY -> new ReadAnswer.NotReady<>("partition is restoring: partition=3");
      case (int) SPLIT -> new ReadAnswer.Split<>(TIMELINE, List.of("a-0", "b-0"));
      default -> ReadAnswer.ofPage(() -> page(key, asOf));
    };
  }

  private static ReconstructData page(PageKey key, Lsn asOf) {
    Version image = new Version(Lsn.parse("0/100"), Value.image(new byte[] {1, 2, 3}));
    Version change = new Version(Lsn.parse("0/200"), Value.walRecord(new byte[] {9}, false));
    return switch ((int) key.block()) {
      case (int) COMPLETE ->
          data(key, asOf, ReconstructData.Status.COMPLETE, image, List.of(change), null);
      case (int) INCOMPLETE ->
          data(key, asOf, ReconstructData.Status.INCOMPLETE, null, List.of(change), null);
      case (int) DROPPED ->
          data(key, asOf, ReconstructData.Status.DROPPED, null, List.of(), DROPPED_AT);
      case (int) BEFORE_HISTORY ->
          data(key, asOf, ReconstructData.Status.BEFORE_HISTORY, null, List.of(), null);
      default -> throw new IllegalStateException("broken inside");
    };
  }

  private static ReconstructData data(
      PageKey key,
      Lsn asOf,
      ReconstructData.Status status,
      @Nullable Version base,
      List<Version> records,
      @Nullable Lsn droppedAt) {
    return new ReconstructData(
        TIMELINE,
        key,
        asOf,
        FIRST,
        LAST,
        status,
        base,
        records,
        droppedAt,
        List.of(new VisitedLayer(LAYER.name(), LAYER.state())),
        ReadCost.NONE);
  }
}
