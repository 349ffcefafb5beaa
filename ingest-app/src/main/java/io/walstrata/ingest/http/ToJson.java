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
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns what the store says into the interface's {@link Answers}. */
final class ToJson {
  private ToJson() {}

  /**
   * @param describer says what a WAL record is
   */
  static Answers.Page page(LayerReads.PageRead read, boolean withBytes, ValueDescriber describer) {
    ReconstructData data = read.data();
    @Nullable Version base = data.base();
    @Nullable Lsn droppedAt = data.droppedAt();
    return new Answers.Page(
        data.timeline().toString(),
        key(data.key()),
        data.asOf().toString(),
        read.lastLsn().toString(),
        lower(data.status()),
        data.status() == ReconstructData.Status.COMPLETE,
        base == null ? null : base(base, withBytes),
        data.records().stream()
            .map(version -> walRecord(data.key(), version, withBytes, describer))
            .toList(),
        droppedAt == null ? null : droppedAt.toString(),
        data.layersVisited().stream()
            .map(layer -> new Answers.LayerName(layer.name(), lower(layer.state())))
            .toList());
  }

  private static Answers.Key key(PageKey key) {
    return new Answers.Key(
        key.toString(), key.kind(), key.spc(), key.db(), key.rel(), key.fork(), key.block());
  }

  private static Answers.Base base(Version base, boolean withBytes) {
    byte[] bytes = base.value().bytes();
    return new Answers.Base(base.lsn().toString(), bytes.length, base64(bytes, withBytes));
  }

  private static Answers.WalRecord walRecord(
      PageKey key, Version version, boolean withBytes, ValueDescriber describer) {
    byte[] bytes = version.value().bytes();
    return new Answers.WalRecord(
        version.lsn().toString(),
        version.value().kind() == ValueKind.WAL_RECORD_WILL_INIT,
        bytes.length,
        describer.describe(key, version.lsn(), version.value()),
        base64(bytes, withBytes));
  }

  private static @Nullable String base64(byte[] bytes, boolean wanted) {
    return wanted ? Base64.getEncoder().encodeToString(bytes) : null;
  }

  static Answers.Layers layers(TimelineId timeline, List<LayerDesc> layers) {
    return new Answers.Layers(timeline.toString(), layers.stream().map(ToJson::layer).toList());
  }

  private static Answers.Layer layer(LayerDesc layer) {
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

  /** Returns them in the order of their ids, each once. */
  static Answers.Timelines timelines(List<LayerReads.Located> timelines) {
    Map<String, Answers.Timeline> all = new TreeMap<>();
    for (LayerReads.Located each : timelines) {
      all.merge(each.info().timeline().toString(), timeline(each), Answers.Timeline::with);
    }
    return new Answers.Timelines(List.copyOf(all.values()));
  }

  private static Answers.Timeline timeline(LayerReads.Located located) {
    TimelineInfo info = located.info();
    return new Answers.Timeline(
        info.timeline().toString(),
        List.of(located.partition()),
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
