package io.walstrata.layerstore.internal.home.local;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.HomeClaimedException;
import io.walstrata.layerstore.internal.file.LocalFiles;
import io.walstrata.layerstore.retry.Backoff;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The claim on a local directory: a lock on its file {@code lock}. */
public final class DirectoryLock implements Claim {
  /*
   * The operating system's lock excludes other processes, and is released however this process
   * ends. It does not exclude other threads of this process, so a map does. The map is checked
   * first, and the file is only opened if no thread of this process owns the lock: where locks
   * belong to the process (POSIX), closing any channel of the file would release the owner's lock.
   */
  private static final Logger LOG = LoggerFactory.getLogger(DirectoryLock.class);
  private static final Backoff BACKOFF = Backoff.constant(Duration.ofMillis(100));
  private static final int MAX_OWNER_BYTES = 200;
  private static final Map<Path, String> HELD_HERE = new ConcurrentHashMap<>();

  private final Path key;
  private @Nullable FileChannel channel; // null when closed; guarded by this

  private DirectoryLock(Path key, FileChannel channel) {
    this.key = key;
    this.channel = channel;
  }

  /**
   * Acquires the lock of a directory that exists, waiting until its owner releases it.
   *
   * @throws HomeClaimedException if the owner has not released it when the timeout ends
   * @throws InterruptedIOException if interrupted while waiting
   */
  public static DirectoryLock await(Path directory, Duration timeout) throws IOException {
    Backoff.Attempts attempts = BACKOFF.within(timeout).start();
    boolean isWaiting = false;
    while (true) {
      try {
        DirectoryLock lock = acquire(directory);
        if (isWaiting) {
          LOG.info(
              "layers were released by their owner: home={}, waitedMs={}",
              directory,
              waitedMs(attempts));
        }
        return lock;
      } catch (HomeClaimedException e) {
        Optional<Duration> pause = attempts.nextPause();
        if (pause.isEmpty()) {
          throw isWaiting ? e.after(waitedMs(attempts)) : e;
        }
        if (!isWaiting) {
          isWaiting = true;
          LOG.info("waiting at most {} ms: {}", timeout.toMillis(), e.getMessage());
        }
        sleep(pause.get());
      }
    }
  }

  private static long waitedMs(Backoff.Attempts attempts) {
    return attempts.elapsed().toMillis();
  }

  private static void sleep(Duration pause) throws InterruptedIOException {
    try {
      TimeUnit.NANOSECONDS.sleep(pause.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("interrupted while waiting for the owner of the layers");
      interrupted.initCause(e);
      throw interrupted;
    }
  }

  static DirectoryLock acquire(Path directory) throws IOException {
    Path key = directory.toRealPath();
    String owner = "process " + ManagementFactory.getRuntimeMXBean().getName();
    String holder =
        HELD_HERE.putIfAbsent(key, owner + ", thread " + Thread.currentThread().getName());
    if (holder != null) {
      throw new HomeClaimedException(directory.toString(), "this same " + holder);
    }
    DirectoryLock lock = null;
    try {
      Path file = directory.resolve(HomeLayout.LOCK);
      lock = new DirectoryLock(key, LocalFiles.getWithFileName(file, () -> lock(directory, owner)));
      return lock;
    } finally {
      if (lock == null) {
        HELD_HERE.remove(key);
      }
    }
  }

  private static FileChannel lock(Path directory, String owner) throws IOException {
    Path file = directory.resolve(HomeLayout.LOCK);
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean locked = false;
    try {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new HomeClaimedException(directory.toString(), ownerIn(file));
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((owner + "\n").getBytes(StandardCharsets.UTF_8)), 0);
      locked = true;
      return channel;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static String ownerIn(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      int length = Math.min(bytes.length, MAX_OWNER_BYTES);
      return new String(bytes, 0, length, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown (" + e + ")";
    }
  }

  @Override
  public synchronized void close() throws IOException {
    FileChannel open = channel;
    if (open != null) {
      channel = null;
      try {
        LocalFiles.runWithFileName(key.resolve(HomeLayout.LOCK), open::close);
      } finally {
        HELD_HERE.remove(key);
      }
    }
  }
}
