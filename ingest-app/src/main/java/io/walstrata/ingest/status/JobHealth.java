package io.walstrata.ingest.status;

import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;

/** Reports how the job is, from the state of Kafka Streams and of each store. Thread-safe. */
public final class JobHealth {
  /** A record that is in work for longer is named: usually it is a matter of milliseconds. */
  private static final long LONG_WORK_SECONDS = 10;

  private final StoreReads reads;
  private final KafkaStreams streams;
  private final RestoreProgress restores;
  private final Supplier<Optional<String>> unreached;

  /**
   * @param unreached what the job needs and has not reached since its start; it is not ready then
   *     if it has nothing to answer reads from either
   */
  public JobHealth(
      StoreReads reads,
      RestoreProgress restores,
      KafkaStreams streams,
      Supplier<Optional<String>> unreached) {
    this.reads = reads;
    this.restores = restores;
    this.streams = streams;
    this.unreached = unreached;
  }

  /** Returns the report of a job that does not run yet. */
  public static Health.Report starting(List<String> warnings) {
    List<String> reasons = new ArrayList<>(warnings);
    reasons.add("waiting for broker and topics, see the log");
    return new Health.Report(/* isLive= */ true, /* isReady= */ false, "STARTING", reasons);
  }

  /**
   * Returns the report of the job as it is now.
   *
   * @param warnings what else is wrong but does not keep reads from being answered
   */
  public Health.Report report(List<String> warnings) {
    List<String> reasons = new ArrayList<>(warnings);
    KafkaStreams.State state = streams.state();
    boolean isReady = state == KafkaStreams.State.RUNNING;
    if (!isReady) {
      reasons.add("not all partitions answer: state=" + state);
    }
    restores.running().forEach(restore -> reasons.add(text(restore)));
    StoreReads.Statuses stores = reads.statuses();
    isReady &= areStoresWell(stores, reasons);
    Optional<String> missing = unreached.get();
    if (missing.isPresent()) {
      reasons.add(missing.get());
      isReady &= hasLayers(stores);
    }
    return new Health.Report(isLive(state), isReady, state.name(), reasons);
  }

  private static String text(RestoreProgress.Restore restore) {
    return "restoring: topic="
        + restore.partition().topic()
        + ", partition="
        + restore.partition().partition()
        + ", done="
        + restore.percent()
        + "%, records="
        + restore.records()
        + ", remaining="
        + restore.remaining()
        + ", etaSeconds="
        + (restore.etaSeconds().isPresent() ? restore.etaSeconds().getAsLong() : "unknown");
  }

  /** Returns a reason if a record has been in work for long. */
  static Optional<String> longWork(LayerStoreStatus.InWork work) {
    long seconds = TimeUnit.NANOSECONDS.toSeconds(work.nanos());
    return seconds < LONG_WORK_SECONDS
        ? Optional.empty()
        : Optional.of(
            "a record is in work for long: offset=" + work.offset() + ", seconds=" + seconds);
  }

  private static boolean isLive(KafkaStreams.State state) {
    return state == KafkaStreams.State.CREATED
        || state == KafkaStreams.State.REBALANCING
        || state == KafkaStreams.State.RUNNING;
  }

  private static boolean hasLayers(StoreReads.Statuses stores) {
    return stores.problem().isEmpty()
        && stores.known().stream().anyMatch(status -> status.ingestedOffset().isPresent());
  }

  private static boolean areStoresWell(StoreReads.Statuses stores, List<String> reasons) {
    if (stores.problem().isPresent()) {
      reasons.add("a store does not answer: " + stores.problem().get());
      return false;
    }
    boolean well = true;
    for (LayerStoreStatus status : stores.known()) {
      well &= isWell(status, reasons);
    }
    return well;
  }

  private static boolean isWell(LayerStoreStatus status, List<String> reasons) {
    String where = ", topic=" + status.topic() + ", partition=" + status.partition();
    // Reads are answered; what is ingested is not lost, but not durable either.
    status.flushFailure().ifPresent(why -> reasons.add("layers cannot be written: " + why + where));
    status.damages().forEach(what -> reasons.add("damaged: " + what + where));
    status.inWork().flatMap(JobHealth::longWork).ifPresent(what -> reasons.add(what + where));
    status
        .ingestWaiting()
        .ifPresent(why -> reasons.add("ingest waits, the disk fails: " + why + where));
    Optional<String> failure = status.ingestFailure();
    failure.ifPresent(why -> reasons.add("ingest stopped: " + why + where));
    return failure.isEmpty();
  }
}
