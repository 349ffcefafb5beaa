package io.walstrata.ingest.produce;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.layerstore.page.ValueKind;
import io.walstrata.postgres.backup.BackupSink;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a base backup's versions into messages, at a set rate. For one thread, but for counts. */
final class BackupWriter implements BackupSink {
  private static final Logger LOG = LoggerFactory.getLogger(BackupWriter.class);
  private static final long POLL_NANOS = Duration.ofMillis(5).toNanos();

  private final TimelineWriter writer;
  private final Lsn lsn;
  private final long rate;
  private final boolean skipsUnrepresentable;
  private final BooleanSupplier isStopping;
  private final long started = System.nanoTime();
  private final Set<String> skipped = new HashSet<>();
  private final AtomicLong files = new AtomicLong();
  private long puts;

  /** The producer was closed. */
  static final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * @param lsn of all versions
   * @param rate versions a second at most; 0 for no limit
   * @param skipsUnrepresentable whether a file whose keys cannot be represented is left out
   */
  BackupWriter(
      TimelineWriter writer,
      Lsn lsn,
      long rate,
      boolean skipsUnrepresentable,
      BooleanSupplier isStopping) {
    this.writer = writer;
    this.lsn = lsn;
    this.rate = rate;
    this.skipsUnrepresentable = skipsUnrepresentable;
    this.isStopping = isStopping;
  }

  Lsn lsn() {
    return lsn;
  }

  /** Returns how many files have been read. */
  long files() {
    return files.get();
  }

  @Override
  public void put(PageKey key, byte[] value) {
    requireRunning();
    writer.put(lsn, key, ValueKind.IMAGE, value);
    writer.sendIfFull();
    puts++;
    keepRate();
  }

  private void requireRunning() {
    if (isStopping.getAsBoolean()) {
      throw new StoppedException();
    }
  }

  /** Sleeps until the next version is due. */
  private void keepRate() {
    if (rate == 0) {
      return;
    }
    long due = started + (long) (puts * 1e9 / rate);
    try {
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        requireRunning();
        TimeUnit.NANOSECONDS.sleep(Math.min(left, POLL_NANOS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoppedException();
    }
  }

  @Override
  public void fileDone() {
    requireRunning();
    files.getAndIncrement();
  }

  @Override
  public void warn(String sentence) {
    LOG.warn("{}", sentence);
  }

  @Override
  public void unrepresentable(String path, UnrepresentableKeyException e) {
    if (!skipsUnrepresentable) {
      throw new ProduceException(
          ProduceException.Reason.FAILED,
          e.getMessage()
              + (", file=" + path)
              + "; move what is in that tablespace to one with an OID below 65535, or leave it out"
              + (" on purpose (" + PostgresSettings.UNREPRESENTABLE + "=skip)"),
          e);
    }
    String directory = path.substring(0, Math.max(0, path.lastIndexOf('/')));
    if (skipped.add(directory)) {
      LOG.warn(
          "left out, by {}=skip: directory={}, cause={}",
          PostgresSettings.UNREPRESENTABLE,
          directory,
          e.getMessage());
    }
  }
}
