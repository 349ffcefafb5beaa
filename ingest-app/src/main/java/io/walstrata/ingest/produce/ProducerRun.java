package io.walstrata.ingest.produce;

import io.walstrata.ingest.produce.ProduceProgress.State;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a producer in a thread of its own, and keeps its state and failure for other threads. */
abstract class ProducerRun implements ProducerHandle {
  private static final Logger LOG = LoggerFactory.getLogger(ProducerRun.class);

  final ProduceConfig config;
  private final String name;

  /** Written under the lock of {@code this}. */
  private volatile State state = State.STARTING;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable ProduceException failure;

  ProducerRun(String name, ProduceConfig config) {
    this.name = name;
    this.config = config;
    this.thread = new Thread(this::live, "walstrata-" + name);
    this.thread.setDaemon(true);
  }

  final void start() {
    thread.start();
  }

  /**
   * Does the work, until it is done or {@link #isStopping}; at the end, everything that is to be in
   * the topic has been sent to the session's target.
   */
  abstract void work(TopicSession session) throws InterruptedException;

  private void live() {
    try {
      produce();
      state(State.FINISHED);
    } catch (ProduceException e) {
      failed(e);
    } catch (InterruptedException e) {
      failed(ProduceException.unavailable("interrupted: producer=" + name, e));
    } catch (RuntimeException | Error e) {
      LOG.error("the producer failed with an internal error: producer={}", name, e);
      failed(
          new ProduceException(
              ProduceException.Reason.FAILED, "internal error of the producer: cause=" + e, e));
    } finally {
      ended.countDown();
    }
  }

  private void produce() throws InterruptedException {
    Duration patience = config.seconds(ProduceConfig.CLOSE_TIMEOUT_S);
    try (TopicSession session = TopicSession.open(config)) {
      try {
        work(session);
      } catch (ProduceException e) {
        finishAfter(e, session, patience);
        throw e;
      }
      state(State.CLOSING);
      session.finish(patience);
    }
  }

  /** Sends what the source gave before it failed. */
  private static void finishAfter(ProduceException e, TopicSession session, Duration patience) {
    try {
      session.finish(patience);
    } catch (ProduceException second) {
      e.addSuppressed(second);
    }
  }

  private void failed(ProduceException e) {
    failure = e;
    state(State.FAILED);
  }

  /** Sets what the producer is doing. */
  final synchronized void state(State next) {
    state = next;
  }

  /** As {@link #state(State)}, unless it is about to end already. */
  final synchronized void stateWhileWorking(State next) {
    switch (state) {
      case STARTING, STREAMING, RECONNECTING, STALLED -> state = next;
      case CLOSING, FINISHED, FAILED -> {}
    }
  }

  final State state() {
    return state;
  }

  /** Returns whether {@link #close} was called. */
  final boolean isStopping() {
    return stopping;
  }

  @Override
  public final boolean isRunning() {
    return ended.getCount() > 0;
  }

  @Override
  public final Optional<ProduceException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public final boolean await(Duration timeout) throws InterruptedException {
    return ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public final void close() {
    stopping = true;
    Duration patience = config.seconds(ProduceConfig.CLOSE_TIMEOUT_S);
    try {
      // Work ends by itself unless Kafka accepts nothing, and then waiting longer does not help.
      if (!await(patience.plusSeconds(2))) {
        thread.interrupt();
        ended.await();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
