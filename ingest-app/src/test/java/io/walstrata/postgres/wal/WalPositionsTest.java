package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Positions are unsigned: all arithmetic against big numbers, all reading near the powers of 2. */
class WalPositionsTest {
  private static final BigInteger PAGE = BigInteger.valueOf(WalMaker.PAGE);
  private static final BigInteger END = BigInteger.TWO.pow(64);
  private static final long[] EDGES = {1L << 31, 1L << 32, 1L << 63, 0};

  @TempDir private Path folder;

  private static BigInteger big(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static long nearAnEdge(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextLong();
      case 1 -> EDGES[random.nextInt(EDGES.length)] + random.nextInt(40) - 20;
      default -> EDGES[random.nextInt(EDGES.length)] + random.nextInt(1 << 22) - (1 << 21);
    };
  }

  @Test
  void arithmetic_isThatOfBigNumbers() {
    Random random = Seeds.random();
    for (int i = 0; i < 100_000; i++) {
      long at = nearAnEdge(random);
      Lsn lsn = Lsn.of(at);
      assertThat(big(WalPositions.inPage(at))).isEqualTo(big(at).mod(PAGE));
      assertThat(big(WalPositions.pageStart(lsn).value()))
          .isEqualTo(big(at).subtract(big(at).mod(PAGE)));
      int size = 1 << 20 + random.nextInt(11);
      BigInteger inSegment = big(at).mod(BigInteger.valueOf(size));
      assertThat(big(WalPositions.segmentStart(lsn, size).value()))
          .isEqualTo(big(at).subtract(inSegment));
      assertThat(WalPositions.isSegmentStart(lsn, size)).isEqualTo(inSegment.signum() == 0);
      long bytes = random.nextInt(1 << random.nextInt(31));
      assertSame(big(at).add(big(bytes)), () -> WalPositions.plus(lsn, bytes).value());
      BigInteger up = big(at).add(PAGE).subtract(BigInteger.ONE).divide(PAGE).multiply(PAGE);
      assertSame(up, () -> WalPositions.roundUp(at, WalMaker.PAGE));
    }
  }

  private interface Position {
    long get();
  }

  private static void assertSame(BigInteger expected, Position actual) {
    if (expected.compareTo(END) < 0) {
      assertThat(big(actual.get())).isEqualTo(expected);
    } else {
      assertThatThrownBy(actual::get)
          .isInstanceOf(WalException.class)
          .hasMessageContaining("after the last position");
    }
  }

  @Test
  void nextRecord_isAfterThePageHeader() {
    long segment = 0xFFFFFFF0_00000000L;
    assertThat(WalPositions.nextRecord(Lsn.of(segment), WalMaker.SEGMENT))
        .isEqualTo(Lsn.of(segment + 40));
    assertThat(WalPositions.nextRecord(Lsn.of(segment), 0)).isEqualTo(Lsn.of(segment + 24));
    assertThat(WalPositions.nextRecord(Lsn.of(segment + WalMaker.PAGE), WalMaker.SEGMENT))
        .isEqualTo(Lsn.of(segment + WalMaker.PAGE + 24));
    assertThat(WalPositions.nextRecord(Lsn.of(segment + 8), WalMaker.SEGMENT))
        .isEqualTo(Lsn.of(segment + 8));
  }

  /** Starts of segments one and two before each edge, and at it. */
  static LongStream starts() {
    return LongStream.of(EDGES)
        .flatMap(edge -> LongStream.of(2, 1, 0).map(n -> edge - n * WalMaker.SEGMENT))
        .filter(start -> start != 0);
  }

  private static WalMaker fill(long start, Random random, int bytes) {
    WalMaker wal = new WalMaker(start);
    while (wal.position().value() - start < bytes) {
      wal.add(random.nextInt(1 << random.nextInt(16)), random.nextInt(256));
    }
    return wal;
  }

  @ParameterizedTest
  @MethodSource("starts")
  void reader_readsNearTheEdges(long start) {
    Random random = Seeds.random();
    // Of the very last segment not all: its end is no position any more.
    int bytes = start == -WalMaker.SEGMENT ? WalMaker.SEGMENT / 2 : WalMaker.SEGMENT * 5 / 4;
    WalMaker wal = fill(start, random, bytes);
    byte[] log = wal.wal();

    List<WalRecord> records =
        Readers.read(new WalReader(Lsn.of(start)), start, log, 1 + random.nextInt(20_000));

    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).bytes()).isEqualTo(wal.records.get(i));
    }
    int half = records.size() / 2;
    WalReader late = new WalReader(records.get(half).lsn(), WalMaker.SEGMENT);
    long from = late.wantedLsn().value();
    byte[] rest = Arrays.copyOfRange(log, (int) (from - start), log.length);
    assertThat(Readers.starts(Readers.read(late, from, rest, 10_000)))
        .isEqualTo(wal.starts.subList(half, records.size()));
  }

  @ParameterizedTest
  @MethodSource("starts")
  void switchRecord_endsTheSegment_nearTheEdges(long start) {
    if (start == -WalMaker.SEGMENT) {
      return; // What follows it has no position.
    }
    WalMaker wal = new WalMaker(start);
    wal.add(10, 1);
    wal.addSwitch();
    wal.add(10, 2);
    List<WalRecord> records = Readers.readAll(start, wal.wal());
    assertThat(Readers.starts(records)).isEqualTo(wal.starts);
    assertThat(records.get(1).endLsn()).isEqualTo(Lsn.of(start + WalMaker.SEGMENT));
  }

  @Test
  void segments_areReadAcrossTheMiddle() throws IOException {
    long start = (1L << 63) - 2 * WalMaker.SEGMENT;
    WalMaker wal = fill(start, Seeds.random(), 7 * WalMaker.SEGMENT / 2);
    byte[] log = wal.segment();
    List<Path> files = new ArrayList<>();
    for (int at = 0; at < log.length; at += WalMaker.SEGMENT) {
      String name = WalSegmentName.of(1, Lsn.of(start + at), WalMaker.SEGMENT).toString();
      files.add(
          Files.write(folder.resolve(name), Arrays.copyOfRange(log, at, at + WalMaker.SEGMENT)));
    }
    Lsn late = wal.starts.get(wal.starts.size() - 2);
    for (Lsn from : List.of(Lsn.INVALID, late)) {
      try (WalSegmentReader segments = WalSegmentReader.open(files, from)) {
        List<Lsn> starts = new ArrayList<>();
        for (WalRecord next = segments.next(); next != null; next = segments.next()) {
          starts.add(next.lsn());
        }
        assertThat(starts)
            .isEqualTo(wal.starts.stream().filter(lsn -> !lsn.isBefore(from)).toList());
      }
    }
  }

  @Test
  void endOfTheLastSegment_isAnError() {
    long start = -WalMaker.SEGMENT;
    WalMaker wal = fill(start, Seeds.random(), WalMaker.SEGMENT / 2);
    WalReader reader = new WalReader(Lsn.of(start));
    byte[] segment = wal.segment();
    assertThatThrownBy(() -> reader.feed(Lsn.of(start), segment, 0, segment.length))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("after the last position");
  }

  @Test
  void gap_isRefused_howeverWide() {
    for (long at : new long[] {1L << 62, 1L << 63, -WalMaker.SEGMENT}) {
      WalReader reader = new WalReader(Lsn.of(WalMaker.SEGMENT));
      assertThatThrownBy(() -> reader.feed(Lsn.of(at), new byte[8], 0, 8))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gap");
    }
    WalReader reader = new WalReader(Lsn.of(-WalMaker.SEGMENT));
    reader.feed(Lsn.of(WalMaker.SEGMENT), new byte[8], 0, 8); // Long before: not wanted.
    assertThat(reader.wantedLsn()).isEqualTo(Lsn.of(-WalMaker.SEGMENT));
  }
}
