package io.walstrata.layerstore;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnNotReachedException;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnknownTimelineException;
import java.io.IOException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/**
 * The outcome of a read: a value, or why there is none. For callers that pass outcomes on, such as
 * queries from other threads and other processes; {@link LayerStore} itself throws. Immutable if
 * its value is.
 *
 * <pre>{@code
 * if (answer instanceof ReadAnswer.Found<ReconstructData> found) {
 *   redo(found.value());
 * } else if (answer instanceof ReadAnswer.NotReached<?> notReached) {
 *   retryWhen(notReached.lastLsn());
 * }
 * }</pre>
 */
public sealed interface ReadAnswer<T> {

  /** The value. */
  record Found<T>(T value) implements ReadAnswer<T> {}

  /** The reason why there is no value. */
  sealed interface None<T> extends ReadAnswer<T> {
    /** Calls the method for this case and returns its result. */
    <R> R match(Cases<R> cases);
  }

  /** The timeline is not here: no version, tombstone or progress of it was ever ingested. */
  record UnknownTimeline<T>(TimelineId timeline) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.unknownTimeline(this);
    }
  }

  /**
   * The LSN is after the timeline's last one: the same read can be answered later.
   *
   * @param lastLsn up to which reads are answered
   */
  record NotReached<T>(TimelineId timeline, Lsn asOf, Lsn lastLsn) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.notReached(this);
    }
  }

  /**
   * History has neither a version nor a tombstone of the page at or before the LSN: the page may be
   * older than where history begins.
   *
   * @param data status {@link ReconstructData.Status#BEFORE_HISTORY}
   */
  record BeforeHistory<T>(ReconstructData data) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.beforeHistory(this);
    }
  }

  /**
   * The page was dropped and not written since.
   *
   * @param data status {@link ReconstructData.Status#DROPPED}
   */
  record Dropped<T>(ReconstructData data) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.dropped(this);
    }
  }

  /**
   * Several partitions have the timeline, each a part of it.
   *
   * @param partitions their names
   */
  record Split<T>(TimelineId timeline, List<String> partitions) implements None<T> {
    public Split {
      partitions = List.copyOf(partitions);
    }

    @Override
    public <R> R match(Cases<R> cases) {
      return cases.split(this);
    }
  }

  /**
   * The partition that may have the value cannot be read at the moment: it is starting, restoring
   * or moving. The same read can be answered later, or by another process.
   *
   * @param why for people
   */
  record NotReady<T>(String why) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.notReady(this);
    }
  }

  /**
   * The read failed.
   *
   * @param cause a {@link io.walstrata.layerstore.page.CorruptLayerException} if a file is damaged,
   *     the {@link ReadLimitException} of a limit that refused, or another {@link IOException}
   */
  record Failed<T>(Exception cause) implements None<T> {
    @Override
    public <R> R match(Cases<R> cases) {
      return cases.failed(this);
    }
  }

  /** One method for each reason why there is no value. */
  interface Cases<R> {
    R unknownTimeline(UnknownTimeline<?> none);

    R notReached(NotReached<?> none);

    R beforeHistory(BeforeHistory<?> none);

    R dropped(Dropped<?> none);

    R split(Split<?> none);

    R notReady(NotReady<?> none);

    R failed(Failed<?> none);
  }

  /** A read of a {@link LayerStore}. */
  interface Read<T> {
    T run() throws IOException;
  }

  /**
   * Runs a read and returns its outcome. Exceptions that are not an outcome, such as the {@link
   * IllegalStateException} of a closed store, are thrown.
   */
  static <T> ReadAnswer<T> of(Read<? extends T> read) {
    try {
      return new Found<>(read.run());
    } catch (UnknownTimelineException e) {
      return new UnknownTimeline<>(e.timeline());
    } catch (LsnNotReachedException e) {
      return new NotReached<>(e.timeline(), e.asOf(), e.lastLsn());
    } catch (IOException | ReadLimitException e) {
      return new Failed<>(e);
    }
  }

  /** Runs a read of a page and returns its outcome: the page is found if it can be built. */
  static ReadAnswer<ReconstructData> ofPage(Read<ReconstructData> read) {
    return ReadAnswer.<ReconstructData>of(read)
        .flatMap(
            data ->
                switch (data.status()) {
                  case COMPLETE, INCOMPLETE -> new Found<>(data);
                  case DROPPED -> new Dropped<>(data);
                  case BEFORE_HISTORY -> new BeforeHistory<>(data);
                });
  }

  /**
   * Applies one of the functions, to the value or to the reason why there is none, and returns its
   * result.
   */
  default <R> R fold(Function<? super T, ? extends R> found, Function<None<T>, ? extends R> none) {
    if (this instanceof Found<T> value) {
      return found.apply(value.value());
    }
    return none.apply((None<T>) this);
  }

  /**
   * Returns the outcome of another read that depends on this one's value; this outcome if it has no
   * value.
   */
  @SuppressWarnings("unchecked") // without a value there is nothing of the type
  default <U> ReadAnswer<U> flatMap(Function<? super T, ReadAnswer<U>> next) {
    return fold(next, none -> (ReadAnswer<U>) none);
  }

  /** Returns the outcome with a function of its value; this outcome if it has no value. */
  default <U> ReadAnswer<U> map(Function<? super T, ? extends U> made) {
    return flatMap(value -> new Found<>(made.apply(value)));
  }

  /**
   * Returns the value.
   *
   * @throws NoSuchElementException if there is none; the message states why
   */
  default T orElseThrow() {
    if (this instanceof Found<T> found) {
      return found.value();
    }
    throw new NoSuchElementException(
        "the read has no value: answer=" + this,
        this instanceof Failed<T> failed ? failed.cause() : null);
  }
}
