package io.walstrata.harness.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** What a soak has done and found so far. Thread-safe. */
public final class SoakCounts {
  private static final int KEPT = 20;

  private final AtomicLong rounds = new AtomicLong();
  private final AtomicLong kills = new AtomicLong();
  private final AtomicLong stops = new AtomicLong();
  private final AtomicLong brokerKills = new AtomicLong();
  private final AtomicLong wipes = new AtomicLong();
  private final AtomicLong versions = new AtomicLong();
  private final AtomicLong layers = new AtomicLong();
  private final AtomicLong deadLetters = new AtomicLong();
  private final AtomicLong mismatches = new AtomicLong();
  private final List<String> examples = new ArrayList<>();

  /** Returns how often the job was killed, checked, and compared with the ledger. */
  public long rounds() {
    return rounds.get();
  }

  /** Returns how many job processes were ended by SIGKILL. */
  public long kills() {
    return kills.get();
  }

  /** Returns how many job processes were ended by SIGTERM. */
  public long stops() {
    return stops.get();
  }

  public long brokerKills() {
    return brokerKills.get();
  }

  /** Returns how often a state directory was deleted while its job was down. */
  public long wipes() {
    return wipes.get();
  }

  /** Returns how many reads of a page as of an LSN were compared with the ledger. */
  public long versions() {
    return versions.get();
  }

  /** Returns how many layer files were checked byte by byte. */
  public long layers() {
    return layers.get();
  }

  public long deadLetters() {
    return deadLetters.get();
  }

  public long mismatches() {
    return mismatches.get();
  }

  /** Returns what the first mismatches are. */
  public synchronized List<String> examples() {
    return List.copyOf(examples);
  }

  void round() {
    rounds.incrementAndGet();
  }

  void kill() {
    kills.incrementAndGet();
  }

  void stop() {
    stops.incrementAndGet();
  }

  void brokerKill() {
    brokerKills.incrementAndGet();
  }

  void wipe() {
    wipes.incrementAndGet();
  }

  void layer() {
    layers.incrementAndGet();
  }

  void deadLetter() {
    deadLetters.incrementAndGet();
  }

  /** Counts a comparison. */
  void compare(ExpectedRead expected, String source, Ledger.Answer actual) {
    versions.incrementAndGet();
    if (!actual.equals(expected.answer())) {
      mismatch(expected.mismatch(source, actual));
    }
  }

  synchronized void mismatch(String what) {
    mismatches.incrementAndGet();
    if (examples.size() < KEPT) {
      examples.add(what);
    }
  }
}
