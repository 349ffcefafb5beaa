package io.walstrata.ingest.status;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.WriteStats;
import io.walstrata.layerstore.streams.BadRecordReason;
import io.walstrata.layerstore.streams.IngestCounter;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/**
 * The meters of one partition, all of one reading: what a scrape shows belongs together. The table
 * in {@code docs/operations.md} lists them.
 */
final class PartitionMeters {
  /*
   * A meter has only a weak reference to the object that it reads: JobMetrics holds these objects.
   */

  private static final String BYTES = "bytes";
  private static final String SECONDS = "seconds";

  /** Refused and late records, and freeze points, have counters with a reason instead. */
  private static final Set<IngestCounter> WITH_REASON =
      EnumSet.of(
          IngestCounter.BAD_RECORDS, IngestCounter.LATE_RECORDS, IngestCounter.FREEZE_POINTS);

  private final MeterRegistry registry;
  private final Tags tags;
  private final List<Meter> meters = new ArrayList<>();
  private volatile PartitionReading reading;

  PartitionMeters(MeterRegistry registry, PartitionReading first) {
    this.registry = registry;
    this.reading = first;
    this.tags =
        Tags.of(
            "topic",
            first.status().topic(),
            "partition",
            Integer.toString(first.status().partition()));
    offsets();
    ingest();
    bad();
    layers();
    writes();
    restore();
  }

  void update(PartitionReading next) {
    reading = next;
  }

  void remove() {
    meters.forEach(registry::remove);
  }

  private void offsets() {
    gauge("lag", "records", "Offsets of the topic not ingested yet", r -> orUnknown(r.lag()));
    gauge("end.offset", "", "Offset after the topic's last record", r -> orUnknown(r.endOffset()));
    gauge(
        "ingested.offset",
        "",
        "Last offset that reads see, -1 for none",
        r -> r.status().ingestedOffset().orElse(-1));
    gauge(
        "durable.offset",
        "",
        "Last offset that layer files cover, the freeze point; -1 for none",
        r -> r.status().durableOffset().orElse(-1));
  }

  private void ingest() {
    for (IngestCounter counter : IngestCounter.values()) {
      if (!WITH_REASON.contains(counter)) {
        counter(
            nameOf(counter),
            unitOf(counter),
            counter.description(),
            r -> r.status().counters().get(counter));
      }
    }
    gauge(
        "record.in.work",
        SECONDS,
        "For how long one record has been ingested, 0 between records",
        r -> r.status().inWork().map(work -> seconds(work.nanos())).orElse(0.0));
  }

  /** The unit is the counter's last word, if it is one. */
  private static String unitOf(IngestCounter counter) {
    String text = counter.text(".");
    return text.endsWith("records") ? "records" : text.endsWith(BYTES) ? BYTES : "";
  }

  /** Records and bytes without another word are those ingested. */
  private static String nameOf(IngestCounter counter) {
    String text = counter.text(".");
    String unit = unitOf(counter);
    if (text.equals(unit)) {
      return "ingested";
    }
    return unit.isEmpty() ? text : text.substring(0, text.length() - unit.length() - 1);
  }

  private void bad() {
    for (BadRecordReason reason : BadRecordReason.values()) {
      meters.add(
          FunctionCounter.builder(name("bad", "records"), this, m -> m.reading.badRecords(reason))
              .baseUnit("records")
              .description("Records refused, whole or in part")
              .tags(tags.and("reason", reason.code()))
              .register(registry));
    }
  }

  private void layers() {
    gauge("timelines", "", "Timelines", r -> r.timelines().size());
    gauge("layers", "", "Layers in any state", r -> r.sum(TimelineInfo::layers));
    gauge("layers", "bytes", "Values and layer files", r -> r.sum(TimelineInfo::sizeBytes));
  }

  private void writes() {
    gauge(
        "flush.failing",
        "",
        "1 while layer files cannot be written",
        r -> r.status().flushFailure().isPresent() ? 1 : 0);
    gauge(
        "ingest.waiting",
        "",
        "1 while a record cannot be ingested and is retried",
        r -> r.status().ingestWaiting().isPresent() ? 1 : 0);
    gauge(
        "damaged.layers",
        "",
        "Layer files found damaged by reads",
        r -> r.status().damages().size());
    gauge("open.heap", BYTES, "Heap of open layers", r -> writes(r).openHeapBytes());
    gauge("open.values", BYTES, "Values of open layers", r -> writes(r).openValueBytes());
    gauge("frozen.heap", BYTES, "Heap of frozen layers", r -> writes(r).frozenHeapBytes());
    gauge("frozen.values", BYTES, "Values of frozen layers", r -> writes(r).frozenValueBytes());
    gauge("frozen.layers", "", "Layers without a file yet", r -> writes(r).frozenLayers());
    counter("flushes", "", "Freeze points whose files are written", r -> writes(r).flushes());
    counter(
        "flush",
        SECONDS,
        "Seconds spent writing layer files, failed tries included",
        r -> seconds(writes(r).flushNanos()));
    gauge(
        "last.flush",
        SECONDS,
        "Seconds that writing the last freeze point's files took",
        r -> seconds(writes(r).lastFlushNanos()));
    counter(
        "sync",
        SECONDS,
        "Seconds that syncs of files took, added up",
        r -> seconds(writes(r).syncNanos()));
    counter(
        "held",
        SECONDS,
        "Seconds for which ingest was held back by memory or by frozen layers",
        r -> seconds(writes(r).heldNanos()));
    for (FreezeReason reason : FreezeReason.values()) {
      meters.add(
          FunctionCounter.builder(
                  name("freezes", ""),
                  this,
                  m -> writes(m.reading).freezes().getOrDefault(reason, 0L))
              .description("Freeze points that froze layers")
              .tags(tags.and("reason", reason.text()))
              .register(registry));
    }
  }

  private static WriteStats writes(PartitionReading reading) {
    return reading.status().writes();
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  private void restore() {
    gauge(
        "restore.remaining",
        "records",
        "Offsets that a restore has yet to read",
        r -> r.restore().map(RestoreProgress.Restore::remaining).orElse(0L));
    gauge(
        "restore.eta",
        "seconds",
        "Time that a restore needs at its speed so far",
        r -> r.restore().map(restore -> orUnknown(restore.etaSeconds())).orElse(0.0));
  }

  private static double orUnknown(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : Double.NaN;
  }

  /** The unit is part of the name: to Micrometer, names and tags alone tell meters apart. */
  private static String name(String name, String unit) {
    return "walstrata." + name + (unit.isEmpty() ? "" : "." + unit);
  }

  private void gauge(
      String name, String unit, String description, ToDoubleFunction<PartitionReading> value) {
    meters.add(
        Gauge.builder(name(name, unit), this, m -> value.applyAsDouble(m.reading))
            .baseUnit(unit.isEmpty() ? null : unit)
            .description(description)
            .tags(tags)
            .register(registry));
  }

  private void counter(
      String name, String unit, String description, ToDoubleFunction<PartitionReading> value) {
    meters.add(
        FunctionCounter.builder(name(name, unit), this, m -> value.applyAsDouble(m.reading))
            .baseUnit(unit.isEmpty() ? null : unit)
            .description(description)
            .tags(tags)
            .register(registry));
  }
}
