package io.walstrata.harness.demo;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** What the demo shows: lines with the time since its start and, on a terminal, progress bars. */
final class DemoConsole {
  private static final int WIDTH = 100;

  private final PrintWriter out;
  private final boolean terminal;
  private final long start = System.nanoTime();

  DemoConsole(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** Prints a line. */
  synchronized void line(String format, Object... arguments) {
    out.println(String.format(Locale.ROOT, format, arguments).stripTrailing());
    out.flush();
  }

  /** Prints a line that begins with the time since the start. */
  void step(String format, Object... arguments) {
    line("%6.1f s  %s", seconds(), String.format(Locale.ROOT, format, arguments));
  }

  /** Prints a heading. */
  void heading(String text) {
    line("%n%s", terminal ? "\u001b[1m" + text + "\u001b[0m" : text);
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  /** Work with a known amount; its progress is shown on a terminal until it is closed. */
  Progress progress(String task, long amount) {
    if (!terminal) {
      return new Progress(null);
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName("          " + task)
            .setInitialMax(amount)
            .setStyle(ProgressBarStyle.UNICODE_BLOCK)
            .setUpdateIntervalMillis(100)
            .setMaxRenderedLength(WIDTH)
            .hideEta()
            .clearDisplayOnFinish()
            .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
            .build());
  }

  /** A bar, or nothing where there is no terminal. */
  static final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
      this.bar = bar;
    }

    void stepTo(long done, String message) {
      if (bar != null) {
        bar.stepTo(done);
        bar.setExtraMessage(message);
      }
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
