package io.walstrata.ingest;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.status.Reasons;
import io.walstrata.ingest.status.StateDisk;
import io.walstrata.ingest.status.StateReasons;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether a failed stream thread is replaced or ends the job, and records when and why the
 * job ended. Thread-safe.
 */
final class StreamsLifecycle
    implements KafkaStreams.StateListener, StreamsUncaughtExceptionHandler {
  private static final Logger LOG = LoggerFactory.getLogger(StreamsLifecycle.class);

  private static final Duration DISK_PAUSE = Duration.ofSeconds(5);

  private final StateDisk stateDisk;
  private final Restarts restarts;
  private final AtomicReference<String> deadLetterFailure = new AtomicReference<>();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Throwable failure;
  private volatile @Nullable String diskFailure;

  StreamsLifecycle(IngestConfig config) {
    stateDisk = new StateDisk(config.instanceDirectory());
    restarts = new Restarts(System::nanoTime, config.streamThreads());
  }

  /** Returns the place for the text of a dead letter that could not be written. */
  AtomicReference<String> deadLetterFailure() {
    return deadLetterFailure;
  }

  /** Returns why partitions cannot get their directories; empty if they can. */
  Optional<String> diskFailure() {
    return Optional.ofNullable(diskFailure);
  }

  /** Records that the job was asked to stop; returns false if that was recorded before. */
  synchronized boolean stop() {
    boolean isFirst = !isStopping();
    stopping.countDown();
    return isFirst;
  }

  boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** Records that the job has ended. */
  void end() {
    ended.countDown();
  }

  /**
   * Waits until the job has ended.
   *
   * @return why it failed; null if it was asked to stop
   */
  @Nullable Throwable awaitEnd() throws InterruptedException {
    ended.await();
    return failure;
  }

  @Override
  public void onChange(KafkaStreams.State newState, KafkaStreams.State oldState) {
    LOG.info(
        "state: from={}, to={}, reason={}",
        oldState,
        newState,
        StateReasons.of(oldState, newState, isStopping(), failure));
    if (newState == KafkaStreams.State.RUNNING) {
      diskFailure = null;
      stateDisk.recovered();
    }
    if (newState == KafkaStreams.State.ERROR || newState == KafkaStreams.State.NOT_RUNNING) {
      end();
    }
  }

  /**
   * A thread is replaced after what passes by itself, such as a broker that was away for longer
   * than Streams waits, or a disk that is full when a partition comes. Anything else would come
   * again at the same record: the job stops, and its process ends with the reason.
   */
  @Override
  public StreamThreadExceptionResponse handle(Throwable thrown) {
    if (isStopping()) {
      LOG.info("a stream thread ended while the job was stopping: reason={}", Reasons.of(thrown));
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    if (isPassing(thrown)) {
      Optional<Duration> pause = restarts.next();
      if (pause.isPresent()) {
        LOG.warn(
            "a stream thread failed and will be replaced: pauseMs={}, reason={}",
            pause.get().toMillis(),
            Reasons.of(thrown));
        return replaceAfter(pause.get());
      }
      return fail(
          new StreamsException(
              "stream threads failed too often, the cause does not pass: times="
                  + restarts.mostAnHour()
                  + ", within=1h, reason="
                  + Reasons.of(thrown)),
          thrown);
    }
    Optional<String> disk = stateDisk.failure(thrown);
    if (disk.isPresent()) {
      LOG.warn("a stream thread failed on the disk and will be replaced: {}", disk.get());
      diskFailure = disk.get();
      return replaceAfter(DISK_PAUSE);
    }
    String deadLetter = deadLetterFailure.get();
    return deadLetter == null
        ? fail(thrown, thrown)
        : fail(new StreamsException(deadLetter), thrown);
  }

  /**
   * Ends the job.
   *
   * @param reason reported by its process
   * @param thrown its stack trace is logged by Kafka Streams
   */
  private StreamThreadExceptionResponse fail(Throwable reason, Throwable thrown) {
    LOG.error("ingest stopped: reason={}", Reasons.of(reason));
    if (reason != thrown) {
      reason.addSuppressed(thrown);
    }
    failure = reason;
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  /** Each try costs the group a rebalance. A job that is stopped meanwhile does not wait. */
  private StreamThreadExceptionResponse replaceAfter(Duration pause) {
    try {
      return stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)
          ? StreamThreadExceptionResponse.SHUTDOWN_CLIENT
          : StreamThreadExceptionResponse.REPLACE_THREAD;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
  }

  private static boolean isPassing(Throwable thrown) {
    for (Throwable each = thrown; each != null; each = each.getCause()) {
      if (each instanceof UnknownTopicOrPartitionException) {
        return false;
      }
      if (each instanceof RetriableException) {
        return true;
      }
    }
    return false;
  }
}
