package io.walstrata.ingest.start;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The open parts of a job, closed together, the last first. A part that is added after that is
 * closed at once: one thread may open while another closes, and nothing stays open. Thread-safe.
 */
public final class OpenParts implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(OpenParts.class);

  /**
   * A part of the job.
   *
   * @param name for the log, if it cannot be closed
   */
  public record Part(String name, Closeable closeable) {}

  private final Deque<Part> parts = new ArrayDeque<>(); // guarded by this
  private boolean isClosed; // guarded by this

  /**
   * Begins with parts that exist already.
   *
   * @param made the first is closed last
   */
  public OpenParts(Part... made) {
    for (Part part : made) {
      parts.push(part);
    }
  }

  /**
   * Adds a part that was just opened.
   *
   * @param name for the log, if it cannot be closed
   * @throws StartupException if all is closed already; the part is closed then
   */
  public <T extends Closeable> T add(String name, T part) throws StartupException {
    synchronized (this) {
      if (!isClosed) {
        parts.push(new Part(name, part));
        return part;
      }
    }
    close(new Part(name, part));
    throw stopped();
  }

  /**
   * Continues only if nothing is closed yet.
   *
   * @throws StartupException if all is closed already
   */
  public synchronized void check() throws StartupException {
    if (isClosed) {
      throw stopped();
    }
  }

  private static StartupException stopped() {
    return new StartupException("stopped while starting");
  }

  /** Closes all parts; further calls do nothing. A failure is logged, and the others are closed. */
  @Override
  public void close() {
    Deque<Part> open;
    synchronized (this) {
      isClosed = true;
      open = new ArrayDeque<>(parts);
      parts.clear();
    }
    open.forEach(OpenParts::close);
  }

  private static void close(Part part) {
    try {
      part.closeable().close();
    } catch (IOException | RuntimeException e) {
      LOG.warn("cannot close a part of the job: part={}", part.name(), e);
    }
  }
}
