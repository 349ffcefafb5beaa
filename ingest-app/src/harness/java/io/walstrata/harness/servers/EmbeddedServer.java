package io.walstrata.harness.servers;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs as a child process on loopback, with data and log in a folder of its own. It
 * ends with this JVM at the latest, however this JVM ends.
 *
 * <p>Methods are safe for use by many threads, one at a time.
 */
public abstract class EmbeddedServer implements AutoCloseable {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
  private static final int PORT_TRIES = 3;
  private static final int LOG_TAIL_BYTES = 2_000;

  private final String name;
  private final Path folder;
  private final Path logFile;
  private boolean startedBefore;
  private volatile @Nullable Process process;

  EmbeddedServer(String name, Path folder) {
    this.name = name;
    this.folder = folder.toAbsolutePath().normalize();
    this.logFile = this.folder.resolve(name + ".log");
  }

  /** Creates what the first start needs. Called before every start. */
  abstract void prepare() throws IOException;

  /** Takes new ports; called when the ones before turned out to be taken. */
  abstract void choosePorts();

  /** Returns the command that runs the server in the foreground. */
  abstract List<String> command();

  /** Returns whether the server answers; an exception means "not yet". */
  abstract boolean isReady() throws Exception;

  /** Returns the signal that stops the server in good order. */
  String stopSignal() {
    return "TERM";
  }

  /**
   * Starts the server and returns when it answers. A restart has the same data and the same port.
   *
   * @throws IllegalStateException if it runs already
   * @throws ServerException if it does not come up; the message names the log file and ends with
   *     the last lines of it
   */
  public final synchronized void start() {
    if (isRunning()) {
      throw new IllegalStateException(name + " runs already: pid=" + pid());
    }
    for (int attempt = 1; ; attempt++) {
      long logStart = logSize();
      try {
        launch();
        awaitReady();
        startedBefore = true;
        return;
      } catch (ServerException e) {
        stop();
        // Only a server that has no clients yet may take another port.
        if (startedBefore || attempt == PORT_TRIES || !logTail(logStart).contains("in use")) {
          throw e;
        }
        choosePorts();
      }
    }
  }

  /** Starts the process and returns at once, for those who do not want it to get far. */
  public final synchronized void launch() {
    try {
      Files.createDirectories(folder);
      prepare();
      ProcessBuilder builder = new ProcessBuilder(Lifeline.wrap(stopSignal(), command()));
      builder.directory(folder.toFile());
      builder.redirectErrorStream(true);
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
      Children.instance().start(this, () -> process = builder.start());
    } catch (ServerException e) {
      throw e;
    } catch (Exception e) {
      throw new ServerException("could not start " + name + ": folder=" + folder + ": " + e, e);
    }
  }

  /**
   * Waits for the server's process to end by itself.
   *
   * @throws ServerException if it has not after this time; it is stopped then
   */
  public final synchronized void awaitExit(Duration limit) {
    Process running = process;
    if (running == null) {
      return;
    }
    try {
      if (!running.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        stop();
        throw new ServerException(
            name + " did not end by itself: limit=" + limit + "\n" + logTail(0).strip());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while a server is waited for", e);
    }
    stop();
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
    Exception last = null;
    while (System.nanoTime() - deadline < 0) {
      if (!isRunning()) {
        throw failedToStart("its process ended", last);
      }
      if (Children.instance().isExiting()) {
        throw new ServerException("this program is ending: " + name + " is not waited for");
      }
      try {
        if (isReady()) {
          return;
        }
      } catch (Exception e) {
        last = e;
      }
      pause();
    }
    throw failedToStart("no answer within " + START_TIMEOUT.toSeconds() + " s", last);
  }

  private ServerException failedToStart(String why, @Nullable Exception cause) {
    return new ServerException(
        name + " did not start: " + why + ", log=" + logFile + "\n" + logTail(0).strip(), cause);
  }

  static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ServerException("interrupted while a server is waited for", e);
    }
  }

  /** Stops the server in good order and returns when its process is gone. Safe to repeat. */
  public final synchronized void stop() {
    Process running = process;
    if (running == null) {
      return;
    }
    List<ProcessHandle> below = running.descendants().toList();
    closePipe(running);
    awaitEnd(running, below);
  }

  /** Kills the server with SIGKILL, as a crash would, and returns when its process is gone. */
  public final synchronized void kill() {
    Process running = process;
    if (running == null) {
      return;
    }
    List<ProcessHandle> below = running.descendants().toList();
    running.destroyForcibly();
    closePipe(running);
    awaitEnd(running, below);
  }

  private static void closePipe(Process process) {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // The pipe is gone, which was the purpose.
    }
  }

  private void awaitEnd(Process running, List<ProcessHandle> below) {
    try {
      if (!running.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        running.destroyForcibly().waitFor();
      }
      // Helpers of the server (and its watcher) leave on their own, a moment later.
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
      for (ProcessHandle handle : below) {
        while (handle.isAlive() && System.nanoTime() - deadline < 0) {
          Thread.sleep(10);
        }
        handle.destroyForcibly();
      }
    } catch (InterruptedException e) {
      running.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    process = null;
    Children.instance().ended(this);
  }

  /** Stops the server, if it runs, and starts it again. */
  public final synchronized void restart() {
    stop();
    start();
  }

  /** Returns whether the server's process is there. */
  public final boolean isRunning() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /**
   * Returns the server's process id.
   *
   * @throws IllegalStateException if it does not run
   */
  public final long pid() {
    Process running = process;
    if (running == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return running.pid();
  }

  /** Returns the file that the server's output goes to; it is appended to by each start. */
  public final Path logFile() {
    return logFile;
  }

  /** Returns the server's own folder. */
  public final Path folder() {
    return folder;
  }

  public final String name() {
    return name;
  }

  private long logSize() {
    try {
      return Files.exists(logFile) ? Files.size(logFile) : 0;
    } catch (IOException e) {
      return 0;
    }
  }

  /** Returns the last lines of the log, of what was written after {@code from} only. */
  private String logTail(long from) {
    try (RandomAccessFile file = new RandomAccessFile(logFile.toFile(), "r")) {
      long start = Math.max(Math.min(from, file.length()), file.length() - LOG_TAIL_BYTES);
      byte[] bytes = new byte[(int) (file.length() - start)];
      file.seek(start);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** Stops the server. Its data stays. */
  @Override
  public void close() {
    stop();
  }

  @Override
  public final String toString() {
    return name + "[" + folder + "]";
  }
}
