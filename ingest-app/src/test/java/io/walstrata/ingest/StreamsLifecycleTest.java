package io.walstrata.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.ingest.config.IngestConfig;
import io.walstrata.ingest.status.Reasons;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamsLifecycleTest {
  @TempDir Path directory;
  private IngestConfig config;
  private StreamsLifecycle lifecycle;

  @BeforeEach
  void make() {
    config =
        IngestConfig.of(
            Map.of(
                "bootstrap.servers", "nowhere:1",
                "schema.registry.url", "mock://lifecycle",
                "wal.topics", "wal",
                "layers.home", directory.resolve("layers").toString(),
                "state.dir", directory.resolve("state").toString()));
    lifecycle = new StreamsLifecycle(config);
  }

  /** Ends without waiting for the pause, since the thread is interrupted. */
  private StreamThreadExceptionResponse handleInterrupted(Throwable thrown) {
    Thread.currentThread().interrupt();
    try {
      return lifecycle.handle(thrown);
    } finally {
      assertThat(Thread.interrupted()).as("the pause was reached").isTrue();
    }
  }

  @Test
  void failureThatStays_endsTheJobWithItsReason() throws Exception {
    Throwable thrown = new StreamsException(new IllegalStateException("a bad record"));
    assertThat(lifecycle.handle(thrown)).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    lifecycle.onChange(State.ERROR, State.PENDING_ERROR);
    assertThat(lifecycle.awaitEnd()).isSameAs(thrown);
  }

  @Test
  void deadLetterThatCannotBeWritten_isTheReason() throws Exception {
    lifecycle.deadLetterFailure().set("a bad record cannot be written");
    StreamsException thrown = new StreamsException("a send failed");
    assertThat(lifecycle.handle(thrown)).isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    lifecycle.end();
    Throwable failure = Objects.requireNonNull(lifecycle.awaitEnd());
    assertThat(Reasons.of(failure)).isEqualTo("a bad record cannot be written");
    assertThat(failure.getSuppressed()).containsExactly(thrown);
  }

  @Test
  void failureThatPasses_isNoReasonToEnd() throws Exception {
    handleInterrupted(new StreamsException(new TimeoutException("no broker")));
    lifecycle.end();
    assertThat(lifecycle.awaitEnd()).isNull();
  }

  @Test
  void topicThatIsGone_isNoFailureThatPasses() throws Exception {
    Throwable thrown = new StreamsException(new UnknownTopicOrPartitionException("wal"));
    lifecycle.handle(thrown);
    lifecycle.end();
    assertThat(lifecycle.awaitEnd()).isSameAs(thrown);
  }

  @Test
  void stateDirectoryThatCannotBeWritten_isReportedUntilAllIsRestored() throws Exception {
    Files.createDirectories(config.stateDir());
    Files.createFile(config.instanceDirectory()); // nothing can be made below a file
    handleInterrupted(new ProcessorStateException("no directory"));
    assertThat(lifecycle.diskFailure().orElseThrow()).contains("state.dir cannot be written");
    lifecycle.onChange(State.RUNNING, State.REBALANCING);
    assertThat(lifecycle.diskFailure()).isEmpty();
  }

  @Test
  void failureAfterTheStop_isNoFailureOfTheJob() throws Exception {
    assertThat(lifecycle.isStopping()).isFalse();
    assertThat(lifecycle.stop()).isTrue();
    assertThat(lifecycle.stop()).as("a second time").isFalse();
    assertThat(lifecycle.isStopping()).isTrue();
    assertThat(lifecycle.handle(new StreamsException("the registry's client is closed")))
        .isEqualTo(StreamThreadExceptionResponse.SHUTDOWN_CLIENT);
    lifecycle.onChange(State.NOT_RUNNING, State.PENDING_SHUTDOWN);
    assertThat(lifecycle.awaitEnd()).isNull();
  }
}
