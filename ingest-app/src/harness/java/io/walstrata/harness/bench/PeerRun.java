package io.walstrata.harness.bench;

import io.walstrata.harness.bench.PeerReads.AsOf;
import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;

/** One round of one store: what it takes to write a workload, and to read it. */
final class PeerRun {
  /*
   * Reads before the flush have a store of their own. In the one whose writing is timed they would
   * let threads in the background write without being timed.
   */
  private static final int CLOCK_LOOK = 64; // puts between two looks at the clock
  private static final int MIN_VERSIONS = 1000; // enough to read

  private final PeerKind kind;
  private final PeerWorkload workload;
  private final Path directory;
  private final int limitSeconds;
  private final int readMillis;

  /**
   * @param directory of its own, made and deleted here
   * @param limitSeconds when to end the puts, though not all were put
   * @param readMillis how long each kind of read is done
   */
  PeerRun(PeerKind kind, PeerWorkload workload, Path directory, int limitSeconds, int readMillis) {
    this.kind = kind;
    this.workload = workload;
    this.directory = directory;
    this.limitSeconds = limitSeconds;
    this.readMillis = readMillis;
  }

  /**
   * @throws IOException if files cannot be written, or a read gives a wrong answer
   */
  PeerSample run() throws IOException, InterruptedException {
    Map<AsOf, ReadSample> beforeFlush = inNewStore(this::readUnflushed);
    return inNewStore(peer -> writeAndRead(peer, beforeFlush));
  }

  private interface Use<T> {
    T with(Peer peer) throws IOException, InterruptedException;
  }

  private <T> T inNewStore(Use<T> use) throws IOException, InterruptedException {
    Files.createDirectory(directory);
    try {
      Lsn lastLsn = workload.lsn(workload.versions() - 1);
      try (Peer peer = kind.open(directory, lastLsn)) {
        return use.with(peer);
      }
    } finally {
      FileUtils.deleteDirectory(directory.toFile());
    }
  }

  private Map<AsOf, ReadSample> readUnflushed(Peer peer) throws IOException {
    return read(peer, putAll(peer));
  }

  private PeerSample writeAndRead(Peer peer, Map<AsOf, ReadSample> beforeFlush)
      throws IOException, InterruptedException {
    Optional<ProcessIo> ioBefore = ProcessIo.read();
    long begin = System.nanoTime();
    int count = putAll(peer);
    long put = System.nanoTime();
    peer.flush();
    sync(); // Kafka's stores leave that to the kernel
    long flushed = System.nanoTime();
    peer.reopen();
    // Compactions that the puts have called for are a part of what they cost in bytes.
    ProcessIo.awaitQuiet();
    Optional<ProcessIo> ioAfter = ProcessIo.read();
    double ingested = (double) count * workload.ingestedBytes();
    double written = Double.NaN;
    double toDisk = Double.NaN;
    if (ioBefore.isPresent() && ioAfter.isPresent()) {
      written = ioAfter.get().bytesWritten() - ioBefore.get().bytesWritten();
      toDisk = ioAfter.get().bytesToDisk() - ioBefore.get().bytesToDisk();
    }
    double onDisk = FileUtils.sizeOfDirectory(directory.toFile());
    return new PeerSample(
        count,
        (put - begin) / 1e9,
        (flushed - put) / 1e9,
        written / ingested,
        toDisk / ingested,
        onDisk / ingested,
        beforeFlush,
        read(peer, count));
  }

  /** Returns when the content of all files of the store has reached the disk. */
  private void sync() throws IOException {
    try (Stream<Path> below = Files.walk(directory)) {
      for (Path file : below.filter(Files::isRegularFile).toList()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
  }

  /** Puts until all is put or the time is over, and returns how many those were. */
  private int putAll(Peer peer) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    for (int number = 0; number < workload.versions(); number++) {
      peer.put(workload.key(number), workload.lsn(number), workload.value(number));
      boolean looks = number >= MIN_VERSIONS && number % CLOCK_LOOK == 0;
      if (looks && System.nanoTime() > end) {
        return number + 1;
      }
    }
    return workload.versions();
  }

  private Map<AsOf, ReadSample> read(Peer peer, int count) throws IOException {
    PeerReads reads = new PeerReads(workload, peer, count, readMillis);
    Map<AsOf, ReadSample> samples = new EnumMap<>(AsOf.class);
    for (AsOf asOf : AsOf.values()) {
      samples.put(asOf, reads.run(asOf));
    }
    return samples;
  }
}
