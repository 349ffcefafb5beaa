package io.walstrata.layerstore.streams;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.QueryResult;
import org.jspecify.annotations.Nullable;

/**
 * A failed query of a layer store. To Kafka it is a {@link QueryResult} with a {@link
 * FailureReason}; {@link #kind()} tells apart what those few reasons cannot.
 *
 * <p>Failures that Kafka Streams itself finds, such as a partition that is not on this instance,
 * are other classes.
 */
public final class LayerQueryFailure<R> implements QueryResult<R> {
  /** What went wrong. */
  public enum Kind {
    /** This partition has no such timeline; another one may have. */
    UNKNOWN_TIMELINE(FailureReason.DOES_NOT_EXIST),
    /** The timeline is not that far yet: ask again later. */
    LSN_NOT_REACHED(FailureReason.NOT_UP_TO_BOUND),
    /** The query's limit refused what the answer would take; {@link #cause()} says why. */
    LIMIT_EXCEEDED(FailureReason.STORE_EXCEPTION),
    /** A layer file or the manifest is damaged: a person must look. */
    CORRUPT_LAYER(FailureReason.STORE_EXCEPTION),
    /** A layer could not be read. */
    IO_ERROR(FailureReason.STORE_EXCEPTION),
    /** The store was closed, or is not open yet: the partition is moving. */
    CLOSED(FailureReason.NOT_PRESENT);

    private final FailureReason reason;

    Kind(FailureReason reason) {
      this.reason = reason;
    }
  }

  private final Kind kind;
  private final String message;
  private final transient @Nullable Exception cause;
  private final List<String> executionInfo = new ArrayList<>();
  private @Nullable Position position;

  public LayerQueryFailure(Kind kind, String message, @Nullable Exception cause) {
    this.kind = kind;
    this.message = message;
    this.cause = cause;
  }

  public Kind kind() {
    return kind;
  }

  /** Returns the exception, if there was one. */
  public @Nullable Exception cause() {
    return cause;
  }

  @Override
  public void addExecutionInfo(String info) {
    executionInfo.add(info);
  }

  @Override
  public void setPosition(Position position) {
    this.position = position;
  }

  @Override
  public boolean isSuccess() {
    return false;
  }

  @Override
  public boolean isFailure() {
    return true;
  }

  @Override
  public List<String> getExecutionInfo() {
    return executionInfo;
  }

  @Override
  public @Nullable Position getPosition() {
    return position;
  }

  @Override
  public FailureReason getFailureReason() {
    return kind.reason;
  }

  @Override
  public String getFailureMessage() {
    return message;
  }

  @Override
  public R getResult() {
    throw new IllegalArgumentException("a failed query has no result: " + message);
  }

  @Override
  public String toString() {
    return "LayerQueryFailure(kind=" + kind + ", message=" + message + ")";
  }
}
