package io.walstrata.ingest.status;

import io.walstrata.ingest.http.Health;
import io.walstrata.ingest.http.NotReadyException;
import io.walstrata.ingest.query.StoreReads;
import io.walstrata.layerstore.streams.LayerStoreStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/** Says how the job is, from the state of Kafka Streams and of each store. */
public final class JobHealth implements Health {
  /** A record that is in work for longer is named: usually it is a matter of milliseconds. */
  private static final long LONG_WORK_SECONDS = 10;

  private final StoreReads reads;
  private final Supplier<@Nullable KafkaStreams> streams;
  private final Supplier<List<String>> troubles;
  private final Supplier<Optional<String>> unreached;
  private final RestoreProgress restores;

  /**
   * @param streams gives null before the job runs
   * @param troubles what else is wrong but does not keep reads from being answered
   * @param unreached what the job needs and has not reached since its start; it is not ready then
   *     if it has nothing to answer reads from either
   */
  public JobHealth(
      StoreReads reads,
      RestoreProgress restores,
      Supplier<@Nullable KafkaStreams> streams,
      Supplier<List<String>> troubles,
      Supplier<Optional<String>> unreached) {
    this.unreached = unreached;
    this.restores = restores;
    this.reads = reads;
    this.streams = streams;
    this.troubles = troubles;
  }

  @Override
  public Report report() {
    List<String> reasons = new ArrayList<>(troubles.get());
    KafkaStreams job = streams.get();
    if (job == null) {
      reasons.add("waiting for broker and topics, see the log");
      return new Report(/* isLive= */ true, /* isReady= */ false, "STARTING", reasons);
    }
    KafkaStreams.State state = job.state();
    boolean isReady = state == KafkaStreams.State.RUNNING;
    if (!isReady) {
      reasons.add("not all partitions answer: state=" + state);
    }
    restores.running().forEach(restore -> reasons.add(text(restore)));
    isReady &= areStoresWell(reasons);
    Optional<String> missing = unreached.get();
    if (missing.isPresent()) {
      reasons.add(missing.get());
      isReady &= hasLayers();
    }
    return new Report(isLive(state), isReady, state.name(), reasons);
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

  /** Says so if a record has been in work for long. */
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

  private boolean hasLayers() {
    try {
      return reads.statuses().stream().anyMatch(status -> status.ingestedOffset().isPresent());
    } catch (IOException | NotReadyException e) {
      return false;
    }
  }

  private boolean areStoresWell(List<String> reasons) {
    boolean well = true;
    try {
      for (LayerStoreStatus status : reads.statuses()) {
        String where = ", topic=" + status.topic() + ", partition=" + status.partition();
        // Reads go on; what is ingested is not lost, but not durable either.
        status
            .flushFailure()
            .ifPresent(why -> reasons.add("layers cannot be written: " + why + where));
        status.damages().forEach(what -> reasons.add("damaged: " + what + where));
        status.inWork().flatMap(JobHealth::longWork).ifPresent(what -> reasons.add(what + where));
        status
            .ingestWaiting()
            .ifPresent(why -> reasons.add("ingest waits, the disk fails: " + why + where));
        if (status.ingestFailure().isPresent()) {
          reasons.add("ingest stopped: " + status.ingestFailure().get() + where);
          well = false;
        }
      }
    } catch (IOException | NotReadyException e) {
      reasons.add("a store does not answer: " + e.getMessage());
      well = false;
    }
    return well;
  }
}
