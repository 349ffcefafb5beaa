package io.walstrata.ingest.http;

import io.walstrata.layerstore.LayerDesc;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueDescriber;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.layerstore.page.Version;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Converts results of the store into the interface's {@link Answers}. */
final class ToJson {
  private ToJson() {}

  /** Returns the fields of a page before its versions. */
  static Map<String, Object> head(ReconstructData data) {
    Map<String, Object> head = new LinkedHashMap<>();
    head.put("timeline", data.timeline().toString());
    head.put("key", key(data.key()));
    head.put("asOf", data.asOf().toString());
    head.put("firstLsn", data.firstLsn().toString());
    head.put("status", lower(data.status()));
    head.put("complete", data.status() == ReconstructData.Status.COMPLETE);
    @Nullable Lsn droppedAt = data.droppedAt();
    if (droppedAt != null) {
      head.put("droppedAt", droppedAt.toString());
    }
    return head;
  }

  static List<Answers.LayerName> layersVisited(ReconstructData data) {
    return data.layersVisited().stream()
        .map(layer -> new Answers.LayerName(layer.name(), lower(layer.state())))
        .toList();
  }

  static Answers.Key key(PageKey key) {
    return new Answers.Key(
        key.toString(),
        key.dotted(),
        key.kind(),
        key.spc(),
        key.db(),
        key.rel(),
        key.fork(),
        key.block());
  }

  /** Returns a record without its bytes. */
  static Answers.WalRecord walRecord(PageKey key, Version version, ValueDescriber describer) {
    return new Answers.WalRecord(
        version.lsn().toString(),
        version.value().kind() == ValueKind.WAL_RECORD_WILL_INIT,
        version.value().bytes().length,
        describer.describe(key, version.lsn(), version.value()),
        null);
  }

  static Answers.Layer layer(LayerDesc layer) {
    return new Answers.Layer(
        layer.name(),
        lower(layer.state()),
        layer.keyRange().startKey().toString(),
        layer.keyRange().endKey().toString(),
        layer.lsnRange().startLsn().toString(),
        layer.lsnRange().endLsn().toString(),
        layer.startOffset(),
        layer.endOffset(),
        layer.versions(),
        layer.tombstones(),
        layer.sizeBytes(),
        layer.freezeReason() == null ? null : layer.freezeReason().text());
  }

  /**
   * Returns the timelines in the order of their ids, each once.
   *
   * @param consistentFrom gives the LSN of {@link LayerReads#consistentFrom}
   */
  static Answers.Timelines timelines(
      List<LayerReads.Located> timelines, Function<TimelineId, Optional<Lsn>> consistentFrom) {
    Map<String, Answers.Timeline> all = new TreeMap<>();
    for (LayerReads.Located each : timelines) {
      Optional<Lsn> consistent = consistentFrom.apply(each.info().timeline());
      all.merge(
          each.info().timeline().toString(), timeline(each, consistent), Answers.Timeline::with);
    }
    return new Answers.Timelines(List.copyOf(all.values()));
  }

  private static Answers.Timeline timeline(
      LayerReads.Located located, Optional<Lsn> consistentFrom) {
    TimelineInfo info = located.info();
    return new Answers.Timeline(
        info.timeline().toString(),
        List.of(located.partition()),
        info.firstLsn().toString(),
        consistentFrom.map(Lsn::toString).orElse(null),
        info.lastLsn().toString(),
        info.durableLsn().toString(),
        info.layers(),
        info.versions(),
        info.sizeBytes(),
        HexFormat.of().toHexDigits(info.durableDigest()));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
