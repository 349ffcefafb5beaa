package io.walstrata.harness.bench;

import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Reads a store for some time, and checks every answer. */
final class PeerReads {
  /** As of when is read. */
  enum AsOf {
    /** As of the last LSN. */
    NEWEST,
    /** As of an LSN in the first tenth of history, of a key that was written then. */
    OLD
  }

  private static final long SEED = 1;
  private static final long WARM_UP_DIVISOR = 4;
  private static final int FIRST_TENTH = 10;

  private final PeerWorkload workload;
  private final Peer peer;
  private final int count;
  private final int[] newest;
  private final long millis;

  /**
   * @param count how many versions the store has, the first ones; at least 10
   * @param millis how long to read
   */
  PeerReads(PeerWorkload workload, Peer peer, int count, long millis) {
    this.workload = workload;
    this.peer = peer;
    this.count = count;
    this.millis = millis;
    newest = workload.newest(count);
  }

  /**
   * Returns what was read, after a quarter of the time to warm up.
   *
   * @throws IOException if an answer is wrong
   */
  ReadSample run(AsOf asOf) throws IOException {
    run(asOf, millis / WARM_UP_DIVISOR);
    return run(asOf, millis);
  }

  private ReadSample run(AsOf asOf, long forMillis) throws IOException {
    // The same keys in the same order for all stores.
    SplittableRandom random = new SplittableRandom(SEED);
    Histogram nanos = new Histogram(3);
    long begin = System.nanoTime();
    long end = begin + TimeUnit.MILLISECONDS.toNanos(forMillis);
    long now = begin;
    while (now < end) {
      int number = random.nextInt(asOf == AsOf.OLD ? count / FIRST_TENTH : count);
      int expected = asOf == AsOf.OLD ? number : newest[number];
      Lsn lsn = workload.lsn(asOf == AsOf.OLD ? number : count - 1);
      long before = System.nanoTime();
      byte[] value = peer.get(workload.key(number), lsn);
      now = System.nanoTime();
      nanos.recordValue(now - before);
      if (value == null || !workload.isValue(value, expected)) {
        throw new IOException(
            "wrong answer: store="
                + peer.getClass().getSimpleName()
                + ", key="
                + workload.key(number)
                + ", asOf="
                + lsn
                + ", expected="
                + expected
                + ", got="
                + (value == null ? "nothing" : PeerWorkload.describe(value)));
      }
    }
    return new ReadSample(nanos.getTotalCount() / ((now - begin) / 1e9), nanos);
  }
}
