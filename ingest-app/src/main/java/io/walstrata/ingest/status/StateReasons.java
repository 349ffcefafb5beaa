package io.walstrata.ingest.status;

import org.apache.kafka.streams.KafkaStreams.State;
import org.jspecify.annotations.Nullable;

/** Explains in words why Kafka Streams has changed its state. */
public final class StateReasons {
  private StateReasons() {}

  /**
   * Returns why the state has changed.
   *
   * @param isStopping whether this instance was asked to stop
   * @param failure why the job failed; null if it has not
   */
  public static String of(State from, State to, boolean isStopping, @Nullable Throwable failure) {
    return switch (to) {
      case REBALANCING ->
          from == State.CREATED
              ? "joining the group of the job's instances"
              : "partitions are being reassigned: an instance or a thread joined, left, or was"
                  + " silent for too long";
      case RUNNING -> "the partitions assigned to this instance are restored";
      case PENDING_SHUTDOWN, PENDING_ERROR, NOT_RUNNING, ERROR ->
          failure != null
              ? "failure: " + Reasons.of(failure)
              : isStopping ? "asked to stop" : "all threads have ended";
      case CREATED -> "new";
    };
  }
}
