package io.walstrata.postgres.redo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.Version;
import io.walstrata.layerstore.redo.PageSource;
import io.walstrata.layerstore.redo.RedoRequest;
import io.walstrata.layerstore.redo.RedoResult;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.redo.FuzzCases.Case;
import io.walstrata.postgres.wal.LittleEndian;
import io.walstrata.postgres.wal.PgVersion;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Records that are damaged, or of another page, and pages that are not what their records expect:
 * {@code -Dwalstrata.fuzz.seconds=N} sets for how long, and {@code -Dwalstrata.seed=N} replays one
 * case.
 *
 * <p>Demanded of redo: it ends, with a page of the right length or without one and a reason; it
 * never throws, writes to nothing that it was given, and takes no more memory than the lengths
 * explain.
 */
class RedoFuzzTest {
  private static final int SECONDS = Integer.getInteger("walstrata.fuzz.seconds", 3);
  private static final Duration STUCK = Duration.ofSeconds(60);
  private static final int FIXED_SEEDS = 5_000;
  private static final long MAX_ALLOCATED = 1 << 20;
  private static final int HEADER_START = 2;
  private static final int CRC_AT = HEADER_START + 20;
  private static final int BODY_START = HEADER_START + 24;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final PostgresRedo redo = new PostgresRedo();
  private final List<Case> cases = new ArrayList<>();

  // Written by the fuzzing thread.
  private volatile long seed;
  private volatile long count;
  private volatile @Nullable Throwable failure;
  private int pages;
  private int refusals;
  private long mostAllocated;

  @Test
  void damagedRecordsAndPages_areRefused_orMakeSomePage() throws Exception {
    cases.addAll(FuzzCases.ofAllVersions());
    Thread fuzzer = new Thread(this::run, "fuzzer");
    fuzzer.setDaemon(true);
    fuzzer.start();
    long seen = -1;
    while (fuzzer.isAlive()) {
      fuzzer.join(STUCK.toMillis());
      if (fuzzer.isAlive() && count == seen) {
        AssertionError stuck = new AssertionError("does not end, " + replay());
        stuck.setStackTrace(fuzzer.getStackTrace());
        throw stuck;
      }
      seen = count;
    }
    if (failure != null) {
      throw new AssertionError(replay() + ": " + failure, failure);
    }
    System.out.printf(
        "%d cases of %d records: %d made a page, %d were refused; at most %d bytes allocated%n",
        count, cases.size(), pages, refusals, mostAllocated);
    if (Long.getLong("walstrata.seed") == null) {
      assertThat(pages).isGreaterThan(FIXED_SEEDS / 20);
      assertThat(refusals).isGreaterThan(FIXED_SEEDS / 5);
    }
  }

  private String replay() {
    return "replay with -Dwalstrata.seed=" + seed;
  }

  private void run() {
    Long asked = Long.getLong("walstrata.seed");
    try {
      warmUp();
      if (asked != null) {
        seed = asked;
        fuzz(new Random(seed));
        count++;
        return;
      }
      Random seeds = new Random();
      long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
      for (long fixed = 0; fixed < FIXED_SEEDS || System.nanoTime() < end; fixed++) {
        seed = fixed < FIXED_SEEDS ? fixed : seeds.nextLong() >>> 1;
        fuzz(new Random(seed));
        count++;
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  /** Loads classes, whose memory is not the records'; all cases are whole here. */
  private void warmUp() throws IOException {
    for (Case each : cases) {
      PageSource none = (key, asOf) -> new RedoResult.Absent("no such page");
      List<Version> records = List.of(each.record());
      RedoResult result =
          redo.redo(
              new RedoRequest(each.key(), each.record().lsn(), each.base(), records, null, none));
      assertThat(result).as(each.toString()).isInstanceOf(RedoResult.Page.class);
    }
  }

  private void fuzz(Random random) throws IOException {
    Case chosen = cases.get(random.nextInt(cases.size()));
    Version base = base(chosen, random);
    List<Version> records = new ArrayList<>();
    for (int i = random.nextInt(4) == 0 ? random.nextInt(6) : 0; i >= 0; i--) {
      records.add(record(i == 0 ? chosen : another(chosen, random), random));
    }
    PageKey key = random.nextInt(10) == 0 ? otherKey(chosen.key(), random) : chosen.key();
    int basesHash = base == null ? 0 : Arrays.hashCode(base.value().bytes());
    int recordsHash = hash(records);
    long length = records.stream().mapToLong(each -> each.value().bytes().length).sum();

    RedoRequest request = request(key, base, records, random);
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    RedoResult result = redo.redo(request);
    long allocated = threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;

    mostAllocated = Math.max(mostAllocated, allocated);
    assertThat(allocated).as("bytes allocated").isLessThan(MAX_ALLOCATED + 20 * length);
    assertThat(base == null ? 0 : Arrays.hashCode(base.value().bytes()))
        .as("base was written to")
        .isEqualTo(basesHash);
    assertThat(hash(records)).as("record was written to").isEqualTo(recordsHash);
    if (result instanceof RedoResult.Page page) {
      pages++;
      if (PageKind.of(key).hasPageLength()) {
        assertThat(page.bytes()).hasSize(Page.BYTES);
      }
    } else {
      refusals++;
      assertThat(result.toString()).isNotEmpty();
    }
  }

  private static int hash(List<Version> versions) {
    int hash = 0;
    for (Version each : versions) {
      hash = 31 * hash + Arrays.hashCode(each.value().bytes());
    }
    return hash;
  }

  /** Returns another record of the same page if there is one, mostly; any other otherwise. */
  private Case another(Case chosen, Random random) {
    Case other = cases.get(random.nextInt(cases.size()));
    for (int tries = 0; tries < 50 && !other.key().equals(chosen.key()); tries++) {
      other = cases.get(random.nextInt(cases.size()));
    }
    return other;
  }

  private PageKey otherKey(PageKey key, Random random) {
    return random.nextBoolean()
        ? cases.get(random.nextInt(cases.size())).key()
        : new PageKey(key.high(), key.low() + random.nextInt(3) - 1);
  }

  private @Nullable Version base(Case chosen, Random random) {
    Version base = chosen.base();
    switch (random.nextInt(8)) {
      case 0 -> base = cases.get(random.nextInt(cases.size())).base();
      case 1 -> base = new Version(Lsn.of(1), Value.image(new byte[Page.BYTES]));
      case 2 -> {
        byte[] noise = new byte[random.nextInt(20) == 0 ? random.nextInt(9000) : Page.BYTES];
        random.nextBytes(noise);
        base = new Version(Lsn.of(1), Value.image(noise));
      }
      case 3, 4 -> {
        if (base != null) {
          byte[] page = base.value().bytes().clone();
          damagePage(page, random);
          base = new Version(base.lsn(), Value.image(page));
        }
      }
      default -> {}
    }
    return base;
  }

  /** Changes bytes of the header, of the line pointers, of the special space, or anywhere. */
  private static void damagePage(byte[] page, Random random) {
    if (page.length != Page.BYTES) {
      return;
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at =
          switch (random.nextInt(4)) {
            case 0 -> 8 + random.nextInt(12);
            case 1 -> 24 + random.nextInt(200);
            case 2 -> Page.BYTES - 1 - random.nextInt(24);
            default -> random.nextInt(Page.BYTES);
          };
      change(page, at, random);
    }
  }

  private static void change(byte[] bytes, int at, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) random.nextInt(256);
      case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0 : 0xFF);
      default -> {
        if (at + 1 < bytes.length) {
          LittleEndian.putU16(bytes, at, extreme(random));
        }
      }
    }
  }

  /** Returns a number of two bytes that is a bound of something. */
  private static int extreme(Random random) {
    int[] bounds = {0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 8191, 8192};
    return bounds[random.nextInt(bounds.length)];
  }

  private static Version record(Case chosen, Random random) {
    byte[] value = chosen.record().value().bytes().clone();
    switch (random.nextInt(8)) {
      case 0 -> {} // as it is, on another page
      case 1 -> {
        PgVersion[] versions = PgVersion.values();
        LittleEndian.putU16(value, 0, versions[random.nextInt(versions.length)].magic());
      }
      case 2 -> value = cut(value, random);
      case 3 -> change(value, HEADER_START + 16, random); // the type
      default -> {
        int count = 1 + random.nextInt(3);
        int most = random.nextBoolean() ? Math.min(value.length, 120) : value.length;
        for (int i = 0; i < count; i++) {
          change(value, BODY_START + random.nextInt(most - BODY_START), random);
        }
      }
    }
    if (random.nextInt(50) > 0) {
      seal(value);
    }
    Value record = Value.walRecord(value, !chosen.record().value().kind().needsOlder());
    return new Version(chosen.record().lsn(), record);
  }

  /** Returns the record without some of its last bytes, which are mostly its main data. */
  private static byte[] cut(byte[] value, Random random) {
    int cut = 1 + random.nextInt(Math.min(20, value.length - BODY_START));
    byte[] shorter = Arrays.copyOf(value, value.length - cut);
    for (int at = BODY_START; at + 1 < Math.min(shorter.length, BODY_START + 80); at++) {
      boolean isMainHeader = (shorter[at] & 0xFF) == 255 && (shorter[at + 1] & 0xFF) >= cut;
      if (isMainHeader && random.nextInt(4) > 0) {
        shorter[at + 1] -= (byte) cut;
        break;
      }
    }
    return shorter;
  }

  /** Writes length and checksum, so that the record is not refused for these. */
  private static void seal(byte[] value) {
    int length = value.length - HEADER_START;
    LittleEndian.putU16(value, HEADER_START, length & 0xFFFF);
    LittleEndian.putU16(value, HEADER_START + 2, length >>> 16);
    CRC32C crc = new CRC32C();
    crc.update(value, BODY_START, value.length - BODY_START);
    crc.update(value, HEADER_START, 20);
    LittleEndian.putU16(value, CRC_AT, (int) (crc.getValue() & 0xFFFF));
    LittleEndian.putU16(value, CRC_AT + 2, (int) (crc.getValue() >>> 16));
  }

  private RedoRequest request(
      PageKey key, @Nullable Version base, List<Version> records, Random random) {
    Lsn asOf = records.get(records.size() - 1).lsn();
    return new RedoRequest(key, asOf, base, records, null, new Source(random));
  }

  /** Has something of any key, seldom what belongs there. */
  private final class Source implements PageSource {
    private final Random random;

    Source(Random random) {
      this.random = random;
    }

    @Override
    public RedoResult page(PageKey key, Lsn asOf) {
      Version base = cases.get(random.nextInt(cases.size())).base();
      return base == null || random.nextBoolean()
          ? new RedoResult.Absent("no such page")
          : new RedoResult.Page(base.value().bytes().clone(), 0, List.of());
    }

    @Override
    public RedoRequest versions(PageKey key, Lsn asOf) {
      if (random.nextBoolean()) {
        return new RedoRequest(key, asOf, null, List.of(), null, this);
      }
      Case some = cases.get(random.nextInt(cases.size()));
      Lsn dropped = random.nextBoolean() ? null : Lsn.of(1 + random.nextInt(1 << 30));
      return new RedoRequest(key, asOf, some.base(), List.of(some.record()), dropped, this);
    }

    @Override
    public @Nullable PageKey firstKey(KeyRange keys, Lsn asOf) {
      return random.nextBoolean() ? null : keys.startKey();
    }
  }
}
