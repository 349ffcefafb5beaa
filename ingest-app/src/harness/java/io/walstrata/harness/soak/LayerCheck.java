package io.walstrata.harness.soak;

import io.walstrata.layerstore.LayerFileReport;
import io.walstrata.layerstore.LayerFiles;
import io.walstrata.layerstore.LayerStore;
import io.walstrata.layerstore.LayerStoreOptions;
import io.walstrata.layerstore.ReconstructData;
import io.walstrata.layerstore.TimelineInfo;
import io.walstrata.layerstore.home.LayerHomes;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.Version;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compares what a killed job has left on disk with the ledgers. */
final class LayerCheck {
  private final Map<TimelineId, Ledger> ledgers;
  private final Path scratch;
  private final SoakCounts counts;

  /**
   * @param scratch a directory for what the engine must have and does not use
   */
  LayerCheck(List<TimelineLoad> timelines, Path scratch, SoakCounts counts) {
    this.ledgers =
        timelines.stream().collect(Collectors.toMap(TimelineLoad::timeline, TimelineLoad::ledger));
    this.scratch = scratch;
    this.counts = counts;
  }

  /**
   * Checks every byte of all layer files, the digest and the number of versions of each timeline,
   * and every version at its own LSN and one below, up to where the layers end.
   *
   * @param topicHome has a directory for each partition
   */
  void check(Path topicHome) throws IOException {
    if (!Files.isDirectory(topicHome)) {
      return; // This instance never got a partition.
    }
    try (Stream<Path> files = Files.walk(topicHome)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".delta")).toList()) {
        LayerFileReport report = LayerFiles.verify(file);
        counts.layer();
        if (!report.isIntact()) {
          counts.mismatch("layer file=" + file + " problem=" + report.problem().orElse(""));
        }
      }
    }
    try (Stream<Path> partitions = Files.list(topicHome)) {
      for (Path home : partitions.filter(Files::isDirectory).toList()) {
        checkPartition(home);
      }
    }
  }

  private void checkPartition(Path home) throws IOException {
    try (LayerStore store =
        LayerStore.open(LayerHomes.partition(home), scratch, LayerStoreOptions.DEFAULTS)) {
      for (TimelineInfo timeline : store.timelines()) {
        check(home, store, timeline);
      }
    } catch (CorruptLayerException e) {
      counts.mismatch("damage home=" + home + " problem=" + e.getMessage());
    }
  }

  private void check(Path home, LayerStore store, TimelineInfo timeline) throws IOException {
    Ledger ledger = ledgers.get(timeline.timeline());
    if (ledger == null) {
      counts.mismatch("unknown timeline=" + timeline + " home=" + home);
      return;
    }
    Lsn durable = timeline.durableLsn();
    String expected = LedgerDigest.of(timeline.timeline(), ledger, durable);
    String actual = HexFormat.of().toHexDigits(timeline.durableDigest());
    if (!actual.equals(expected)) {
      counts.mismatch("digest of " + timeline + " home=" + home + " expected=" + expected);
    }
    long versions = ledger.versions(durable);
    if (timeline.versions() != versions) {
      counts.mismatch("versions of " + timeline + " home=" + home + " expected=" + versions);
    }
    for (PageKey key : ledger.keys()) {
      for (Lsn lsn : ledger.lsns(key)) {
        if (!lsn.isAfter(durable)) {
          for (Lsn asOf : List.of(lsn, Lsn.of(lsn.value() - 1))) {
            ExpectedRead read = ExpectedRead.of(timeline.timeline(), ledger, key, asOf);
            counts.compare(read, home.toString(), read(store, read));
          }
        }
      }
    }
  }

  private static Ledger.Answer read(LayerStore store, ExpectedRead expected) throws IOException {
    ReconstructData data = store.get(expected.timeline(), expected.key(), expected.asOf());
    List<Version> versions = new ArrayList<>();
    @Nullable Version base = data.base();
    if (base != null) {
      versions.add(base);
    }
    versions.addAll(data.records());
    String status =
        switch (data.status()) {
          case COMPLETE -> "complete";
          case INCOMPLETE -> "incomplete";
          case DROPPED -> "page_dropped";
          case BEFORE_HISTORY -> "before_history";
        };
    return new Ledger.Answer(status, versions);
  }
}
