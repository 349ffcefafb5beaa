package io.walstrata.harness.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What this process has written so far, as Linux counts it.
 *
 * @param bytesWritten bytes of all calls that write ({@code wchar})
 * @param bytesToDisk what went to storage, or will go ({@code write_bytes}), without what was
 *     deleted before it did ({@code cancelled_write_bytes})
 */
record ProcessIo(long bytesWritten, long bytesToDisk) {
  private static final Path FILE = Path.of("/proc/self/io");
  private static final long QUIET_MS = 200;
  private static final int MAX_WAITS = 150;

  /** Returns the counters; empty on a system that has none. */
  static Optional<ProcessIo> read() throws IOException {
    try {
      long written = 0;
      long toDisk = 0;
      for (String line : Files.readAllLines(FILE)) {
        int colon = line.indexOf(':');
        long value = Long.parseLong(line.substring(colon + 1).strip());
        switch (line.substring(0, colon)) {
          case "wchar" -> written = value;
          case "write_bytes" -> toDisk += value;
          case "cancelled_write_bytes" -> toDisk -= value;
          default -> {}
        }
      }
      return Optional.of(new ProcessIo(written, toDisk));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Waits, up to half a minute, until no thread of this process writes any more. */
  static void awaitQuiet() throws IOException, InterruptedException {
    long before = -1;
    for (int i = 0; i < MAX_WAITS; i++) {
      Optional<ProcessIo> now = read();
      if (now.isEmpty() || now.get().bytesWritten() == before) {
        return;
      }
      before = now.get().bytesWritten();
      Thread.sleep(QUIET_MS);
    }
  }
}
