package io.walstrata.ingest.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.walstrata.ingest.http.Json;
import io.walstrata.ingest.produce.ProduceException;
import io.walstrata.ingest.produce.ProduceProgress;
import io.walstrata.ingest.produce.ProduceProgress.State;
import io.walstrata.ingest.produce.ProducerHandle;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Runs a producer in the foreground: status lines or a bar, a clean end, an exit status. */
final class ProduceRunner {
  private static final Duration BAR_STEP = Duration.ofMillis(200);

  private final PrintWriter out;
  private final Duration statusEvery;
  private final boolean json;

  /**
   * @param statusEvery time between status lines; zero for none
   * @param json whether status lines are JSON objects
   */
  ProduceRunner(PrintWriter out, Duration statusEvery, boolean json) {
    this.out = out;
    this.statusEvery = statusEvery;
    this.json = json;
  }

  /** A status line as JSON. Rates are of the time since the line before; left out at the end. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Line(
      String state,
      String readLsn,
      String ackedLsn,
      String sourceLsn,
      long lagBytes,
      long records,
      long versions,
      long tombstones,
      long messages,
      long outstanding,
      @Nullable Long versionsPerSecond,
      @Nullable Long bytesPerSecond) {}

  /**
   * Starts a producer and stays until it ends. Ctrl-C and SIGTERM end it in order.
   *
   * @return the exit status
   * @throws CommandFailedException if it cannot start or fails
   */
  int run(Callable<ProducerHandle> starter) throws Exception {
    return run(starter, /* bar= */ false);
  }

  /** As above, with a progress bar instead of lines if there is a terminal. */
  int runWithBar(Callable<ProducerHandle> starter) throws Exception {
    return run(starter, !json && onTerminal());
  }

  private int run(Callable<ProducerHandle> starter, boolean bar) throws Exception {
    try (ProducerHandle handle = starter.call()) {
      Thread closer = new Thread(() -> closeAndTell(handle), "shutdown");
      Runtime.getRuntime().addShutdownHook(closer);
      if (bar) {
        watchWithBar(handle);
      } else {
        watch(handle);
      }
      handle
          .failure()
          .ifPresent(
              e -> {
                throw failed(e);
              });
      handle.ending().ifPresent(out::println);
      print(handle.progress(), 0, 0);
      return ExitStatus.OK;
    } catch (ProduceException e) {
      throw failed(e);
    }
  }

  /** From Java 22 on there is a console without a terminal too, and a way to ask. */
  @SuppressWarnings("SystemConsoleNull")
  static boolean onTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return Boolean.TRUE.equals(Console.class.getMethod("isTerminal").invoke(console));
    } catch (NoSuchMethodException e) {
      return true;
    } catch (ReflectiveOperationException e) {
      return false;
    }
  }

  private void closeAndTell(ProducerHandle handle) {
    boolean wasRunning = handle.isRunning();
    handle.close();
    if (wasRunning) {
      handle
          .failure()
          .ifPresent(e -> LogSettings.report(out, String.valueOf(e.getMessage()), null));
      print(handle.progress(), 0, 0);
    }
  }

  private static CommandFailedException failed(ProduceException e) {
    int status =
        switch (e.reason()) {
          case SETTINGS -> ExitStatus.USAGE;
          case UNAVAILABLE -> ExitStatus.UNAVAILABLE;
          case FAILED -> ExitStatus.FAILED;
        };
    return new CommandFailedException(status, String.valueOf(e.getMessage()), e);
  }

  private void watch(ProducerHandle handle) throws InterruptedException {
    if (statusEvery.isZero()) {
      while (!handle.await(Duration.ofHours(1))) {
        // No status line is printed.
      }
      return;
    }
    ProduceProgress before = handle.progress();
    long beforeNanos = System.nanoTime();
    while (!handle.await(statusEvery)) {
      ProduceProgress now = handle.progress();
      long nowNanos = System.nanoTime();
      double seconds = (nowNanos - beforeNanos) / 1e9;
      if (!now.equals(before) || now.state() != State.STARTING) {
        print(
            now,
            (now.versions() - before.versions()) / seconds,
            (now.bytes() - before.bytes()) / seconds);
      }
      before = now;
      beforeNanos = nowNanos;
    }
  }

  private void print(ProduceProgress now, double versionsPerSecond, double bytesPerSecond) {
    if (json) {
      boolean isEnd = now.state() == State.FINISHED;
      out.println(
          Json.text(
              new Line(
                  now.state().name().toLowerCase(Locale.ROOT),
                  now.readLsn().toString(),
                  now.ackedLsn().toString(),
                  now.sourceLsn().toString(),
                  now.lagBytes(),
                  now.records(),
                  now.versions(),
                  now.tombstones(),
                  now.messages(),
                  now.outstanding(),
                  isEnd ? null : Math.round(versionsPerSecond),
                  isEnd ? null : Math.round(bytesPerSecond))));
      out.flush();
      return;
    }
    String rates =
        now.state() == State.FINISHED
            ? ""
            : String.format(
                Locale.ROOT,
                " versionsPerSecond=%.0f mibPerSecond=%.1f",
                versionsPerSecond,
                bytesPerSecond / (1 << 20));
    out.printf(
        Locale.ROOT,
        "state=%s read=%s acked=%s source=%s lagBytes=%d records=%d versions=%d tombstones=%d"
            + " messages=%d outstanding=%d%s%n",
        now.state().name().toLowerCase(Locale.ROOT),
        now.readLsn(),
        now.ackedLsn(),
        now.sourceLsn(),
        now.lagBytes(),
        now.records(),
        now.versions(),
        now.tombstones(),
        now.messages(),
        now.outstanding(),
        rates);
    out.flush();
  }

  private static void watchWithBar(ProducerHandle handle) throws InterruptedException {
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName("versions")
            .setInitialMax(-1)
            .setStyle(ProgressBarStyle.ASCII)
            .showSpeed()
            .build()) {
      boolean ended;
      do {
        ended = handle.await(BAR_STEP);
        ProduceProgress now = handle.progress();
        bar.maxHint(now.goal());
        bar.stepTo(now.versions());
        bar.setExtraMessage(
            now.state().name().toLowerCase(Locale.ROOT) + " acked=" + now.ackedLsn());
      } while (!ended);
    }
  }
}
