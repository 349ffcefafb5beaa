package io.walstrata.postgres.rmgr;

import static io.walstrata.postgres.rmgr.HeapRecords.add;
import static io.walstrata.postgres.rmgr.HeapRecords.emptyPage;
import static io.walstrata.postgres.rmgr.HeapRecords.header;
import static io.walstrata.postgres.rmgr.HeapRecords.heap;
import static io.walstrata.postgres.rmgr.HeapRecords.key;
import static io.walstrata.postgres.rmgr.HeapRecords.text;
import static io.walstrata.postgres.rmgr.HeapRecords.update;
import static io.walstrata.postgres.rmgr.HeapRecords.view;
import static io.walstrata.postgres.wal.RecordMaker.bytes;
import static io.walstrata.postgres.wal.RecordMaker.u16;
import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.PageKey;
import io.walstrata.postgres.page.Page;
import io.walstrata.postgres.page.PageException;
import io.walstrata.postgres.wal.Allocated;
import io.walstrata.postgres.wal.PgVersion;
import io.walstrata.postgres.wal.RecordMaker;
import io.walstrata.postgres.wal.RecordView;
import io.walstrata.postgres.wal.Seeds;
import io.walstrata.postgres.wal.WalException;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Records and pages that no server makes, and what ordinary ones allocate. */
class HeapRedoDamageTest {
  private static final int ROUNDS = 60_000;

  @Test
  void redo_ofRandomRecordsOnRandomPages_makesAPageOrRefuses() {
    Random random = Seeds.random();
    int replayed = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Page page = page(random);
      PageKey key = key(random.nextInt(8) == 0 ? 2 : 0, random.nextInt(8) == 0 ? 0 : 3);
      PgVersion version = PgVersion.values()[random.nextInt(4)];
      try {
        RecordView record = view(record(random), version, key);
        ResourceManagers.redo(record.rmgrId()).redo(record, page);
        replayed++;
      } catch (PageException | RedoException | WalException refused) {
        assertThat(refused.getMessage()).contains("=");
      }
      assertThat(page.bytes()).hasSize(Page.BYTES);
    }
    assertThat(replayed).isGreaterThan(ROUNDS / 100);
  }

  /** A page of a few tuples, often with some bytes overwritten. */
  private static Page page(Random random) {
    Page page = emptyPage();
    for (int i = random.nextInt(5); i > 0; i--) {
      add(page, random.nextInt(0x10000), "x".repeat(random.nextInt(20)));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      int at = random.nextBoolean() ? random.nextInt(48) : random.nextInt(Page.BYTES);
      page.bytes()[at] = (byte) random.nextInt();
    }
    return page;
  }

  private static RecordMaker record(Random random) {
    int type = random.nextInt(16) << 4;
    RecordMaker record = random.nextBoolean() ? heap(type) : HeapRecords.heap2(type);
    record.block(0, random.nextInt(8) == 0 ? 2 : 0, 3, 0, data(random, 60));
    if (random.nextInt(4) == 0) {
      record.block(1, random.nextBoolean() ? 2 : 0, random.nextInt(4), 0, data(random, 20));
    }
    return record.main(data(random, 24));
  }

  /** Bytes that are often small numbers of 16 bits, and sometimes a tuple's header. */
  private static byte[] data(Random random, int maxLength) {
    byte[] data = new byte[random.nextInt(maxLength + 1)];
    random.nextBytes(data);
    for (int i = 0; i + 1 < data.length; i += 2) {
      if (random.nextInt(3) > 0) {
        data[i] &= 7;
        data[i + 1] = 0;
      }
    }
    return random.nextInt(3) == 0 ? bytes(header(0), new byte[1], data) : data;
  }

  @Test
  void redo_ofAHotUpdate_allocatesNothing() throws Exception {
    Page page = emptyPage();
    add(page, 0, "prefix-old-suffix");
    byte[] start = page.bytes().clone();
    RecordView record =
        view(
            heap(0x40)
                .block(
                    0, 0, 3, 0, bytes(u16(7), u16(7), header(0x2802), new byte[1], text("changed")))
                .main(update(0x00, 0x60, 2)),
            PgVersion.V18,
            key(0, 3));
    RecordRedo redo = ResourceManagers.redo(record.rmgrId());
    for (int i = 0; i < 1000; i++) {
      System.arraycopy(start, 0, page.bytes(), 0, start.length);
      redo.redo(record, page);
    }

    long allocated =
        Allocated.bytes(
            () -> {
              for (int i = 0; i < 1000; i++) {
                System.arraycopy(start, 0, page.bytes(), 0, start.length);
                redo.redo(record, page);
              }
            });

    // One object for each would be 16,000.
    assertThat(allocated).isLessThan(16_000);
  }
}
