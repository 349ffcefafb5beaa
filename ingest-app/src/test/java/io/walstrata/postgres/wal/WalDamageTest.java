package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.UnrepresentableKeyException;
import io.walstrata.postgres.rmgr.WalMapper;
import io.walstrata.postgres.rmgr.WalText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Damaged WAL ends in a {@link WalException} or in silence, never in a wrong record. */
class WalDamageTest {
  private static final long START = 5L * WalMaker.SEGMENT;

  private final WalMaker wal = new WalMaker(START);

  @BeforeEach
  void makeWal() {
    for (int i = 0; i < 12; i++) {
      wal.add(
          RecordMaker.record(RecordMaker.RMGR_HEAP, 0)
              .xid(700 + i)
              .block(0, 0, i, 0, new byte[60 * i])
              .main(new byte[] {1, 0, 0}));
    }
    wal.add(9_000, 7);
    wal.add(20, 8);
  }

  @Test
  void everyBitOfEveryByteFlipped() {
    byte[] bytes = wal.wal();
    for (int at = 0; at < bytes.length; at++) {
      // All eight bits where structure is dense, one elsewhere.
      int bits = at < 2_000 || at % WalMaker.PAGE < 64 ? 8 : 1;
      for (int bit = 0; bit < bits; bit++) {
        byte mask = (byte) (1 << (bits == 1 ? at % 8 : bit));
        bytes[at] ^= mask;
        assertOnlyTrueRecords(bytes, "byte " + at + " mask " + mask);
        bytes[at] ^= mask;
      }
    }
  }

  @Test
  void cutAtEveryLength() {
    byte[] bytes = wal.wal();
    for (int length = 0; length < bytes.length; length++) {
      List<WalRecord> records =
          assertOnlyTrueRecords(Arrays.copyOf(bytes, length), "length " + length);
      Lsn end = Lsn.of(START + length);
      // Each record that is whole is there.
      long whole = wal.starts.stream().filter(lsn -> !Lsn.of(endOf(lsn)).isAfter(end)).count();
      assertThat(records).hasSizeGreaterThanOrEqualTo((int) whole);
    }
  }

  private long endOf(Lsn start) {
    int index = wal.starts.indexOf(start);
    return index + 1 < wal.starts.size()
        ? wal.starts.get(index + 1).value()
        : wal.position().value();
  }

  /** Reads; the records must be the first ones that were written, unchanged. */
  private List<WalRecord> assertOnlyTrueRecords(byte[] bytes, String what) {
    List<WalRecord> records = new ArrayList<>();
    WalReader reader = new WalReader(Lsn.of(START));
    try {
      reader.feed(Lsn.of(START), bytes, 0, bytes.length);
      Readers.drain(reader, records);
    } catch (WalException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    for (int i = 0; i < records.size(); i++) {
      assertThat(records.get(i).bytes()).as(what).isEqualTo(wal.records.get(i));
      assertThat(records.get(i).lsn()).as(what).isEqualTo(wal.starts.get(i));
    }
    return records;
  }

  @Test
  void randomDamageToRealWal_neverGivesAWrongRecord() throws IOException {
    Random random = Seeds.random();
    for (String directory : List.of("pg15", "pg18")) {
      RealWal real = RealWal.of(directory);
      byte[] bytes = real.wal();
      var known =
          real.records().stream()
              .collect(Collectors.toMap(WalRecord::lsn, record -> record.bytes()));
      for (int round = 0; round < 60; round++) {
        byte[] damaged = damage(bytes, random);
        List<WalRecord> records = new ArrayList<>();
        WalReader reader = new WalReader(Lsn.of(real.start()));
        try {
          reader.feed(Lsn.of(real.start()), damaged, 0, damaged.length);
          Readers.drain(reader, records);
        } catch (WalException e) {
          assertThat(e.getMessage()).isNotEmpty();
        }
        for (WalRecord record : records) {
          assertThat(record.bytes()).isEqualTo(known.get(record.lsn()));
        }
      }
    }
  }

  private static byte[] damage(byte[] bytes, Random random) {
    byte[] damaged = bytes.clone();
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(4)) {
      case 0 -> damaged[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(damaged, at, Math.min(damaged.length, at + 600), (byte) 0);
      case 2 -> {
        int page = at / WalMaker.PAGE * WalMaker.PAGE;
        int other = random.nextInt(bytes.length / WalMaker.PAGE) * WalMaker.PAGE;
        System.arraycopy(bytes, other, damaged, page, WalMaker.PAGE);
      }
      default -> {
        for (int i = at; i < Math.min(damaged.length, at + 40); i++) {
          damaged[i] = (byte) random.nextInt();
        }
      }
    }
    return damaged;
  }

  /** A record can have a right checksum and impossible contents all the same. */
  @Test
  void impossibleContents_areDescribedAndRefused() throws IOException {
    Random random = Seeds.random();
    WalMapper mapper = new WalMapper();
    int parsed = 0;
    for (String directory : List.of("pg15", "pg16", "pg17", "pg18")) {
      for (WalRecord record : RealWal.of(directory).records()) {
        byte[] bytes = record.bytes().clone();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          int at = 16 + random.nextInt(Math.min(bytes.length, 120) - 16);
          bytes[at] = (byte) (random.nextBoolean() ? random.nextInt() : bytes[at] + 1);
        }
        RecordMaker.fixCrc(bytes);
        if (survives(record.version(), bytes, mapper)) {
          parsed++;
        }
      }
    }
    assertThat(parsed).isGreaterThan(1_000);
  }

  /** Does all that can be done with a record; returns whether its headers could be read. */
  private static boolean survives(PgVersion version, byte[] bytes, WalMapper mapper) {
    WalRecord record;
    try {
      record = WalRecord.parse(version.magic(), bytes, Lsn.of(START), Lsn.of(START + 8));
    } catch (WalException e) {
      return false;
    }
    assertThat(new WalText(java.time.ZoneOffset.UTC).line(record)).startsWith("rmgr: ");
    try {
      assertThat(mapper.map(record).lsn()).isEqualTo(record.endLsn());
    } catch (WalException | UnrepresentableKeyException e) {
      assertThat(e.getMessage()).isNotEmpty();
    }
    return true;
  }
}
