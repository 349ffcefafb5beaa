package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.rmgr.WalText;
import java.io.IOException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares with what PostgreSQL's own tools print of the same WAL. */
class RealWalTest {
  private static final WalText TEXT = new WalText(ZoneOffset.UTC);

  /** The extension prints times without zeros at the end, and the zone as an offset. */
  private static final Pattern TIME =
      Pattern.compile("(\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d)(\\.\\d*?[1-9])?\\.?0* UTC");

  @ParameterizedTest
  @ValueSource(strings = {"pg15", "pg16", "pg17", "pg18"})
  void records_areThoseOfTheServer(String directory) throws IOException {
    RealWal wal = RealWal.of(directory);
    List<String[]> expected = wal.table("records.tsv.xz");
    List<WalRecord> records = wal.records();

    assertThat(records).hasSameSizeAs(expected);
    for (int i = 0; i < records.size(); i++) {
      assertThat(row(records.get(i))).isEqualTo(List.of(expected.get(i)));
    }
  }

  private static List<String> row(WalRecord record) {
    return List.of(
        record.lsn().toString(),
        record.endLsn().toString(),
        record.prevLsn().toString(),
        String.valueOf(record.xid()),
        Rmgr.label(record.rmgrId()),
        WalText.type(record),
        String.valueOf(record.totalLength()),
        String.valueOf(record.mainData().length()),
        String.valueOf(record.imagesLength()),
        TIME.matcher(TEXT.description(record)).replaceAll("$1$2+00"),
        blockReferences(record));
  }

  /** The detailed form, which contains more than the one in a dump. */
  private static String blockReferences(WalRecord record) {
    StringBuilder text = new StringBuilder();
    for (BlockReference block : record.blocks()) {
      text.append(block.id() > 0 ? " " : "").append("blkref #").append(block.id());
      text.append(": rel ").append(block.spc()).append('/').append(block.db());
      text.append('/').append(block.rel()).append(" fork ").append(Forks.name(block.fork()));
      text.append(" blk ").append(block.block());
      if (block.hasImage()) {
        text.append(block.isImageApplied() ? " (FPW)" : " (FPW for WAL verification)");
        text.append("; hole: offset: ").append(block.holeOffset);
        text.append(", length: ").append(block.holeLength);
        if (block.compression() != ImageCompression.NONE) {
          int saved = 8192 - block.holeLength - block.imageLength();
          text.append(", compression saved: ").append(saved).append(", method: ");
          text.append(block.compression().name().toLowerCase(Locale.ROOT));
        }
      }
    }
    return text.toString();
  }

  @Test
  void lines_areThoseOfPgWaldump() throws IOException {
    RealWal wal = RealWal.of("pg15");
    List<String> lines = wal.records().stream().map(TEXT::line).toList();
    assertThat(lines).isEqualTo(wal.lines("dump.txt.xz"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg16", "pg17", "pg18"})
  void images_areTheServersPages(String directory) throws IOException {
    RealWal wal = RealWal.of(directory);
    List<String> images = new ArrayList<>();
    for (WalRecord record : wal.records()) {
      for (BlockReference block : record.blocks()) {
        if (block.hasImage()) {
          images.add(record.lsn() + "\t" + block.id() + "\t" + RealWal.md5(block.image()));
        }
      }
    }
    assertThat(images).isEqualTo(wal.lines("images.tsv"));
  }

  @Test
  void pages_ofAllCompressionMethods_areThoseInTheFiles() throws IOException {
    RealWal wal = RealWal.of("pg15-compressed");
    Map<String, String> pages = new HashMap<>();
    Set<ImageCompression> methods = new HashSet<>();
    for (WalRecord record : wal.records()) {
      for (BlockReference block : record.blocks()) {
        if (block.isImageApplied()) {
          byte[] page = Redone.page(record, block);
          pages.put(block.rel() + "/" + block.block(), RealWal.md5(page));
          methods.add(block.compression());
        }
      }
    }
    List<String[]> expected = wal.table("pages.tsv");
    assertThat(expected).hasSize(24);
    for (String[] page : expected) {
      assertThat(pages).containsEntry(page[1] + "/" + page[2], page[3]);
    }
    assertThat(methods)
        .contains(
            ImageCompression.PGLZ,
            ImageCompression.LZ4,
            ImageCompression.ZSTD,
            ImageCompression.NONE);
  }

  @Test
  void recycledPageAfterTheEnd_isTheEndOfTheLog() throws IOException {
    RealWal wal = RealWal.of("pg15-compressed");
    WalReader reader = new WalReader(Lsn.of(wal.start()));
    Readers.read(reader, wal.start(), wal.wal(), 8192);
    assertThat(reader.end().kind()).isEqualTo(WalEnd.Kind.END_OF_LOG);
    assertThat(reader.end().lsn()).isEqualTo(Lsn.parse("0/711950"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pg15", "pg16", "pg17", "pg18"})
  void values_giveTheRecordBack(String directory) throws IOException {
    for (WalRecord record : RealWal.of(directory).records()) {
      WalRecord again = WalRecord.ofValue(record.toValue(), record.endLsn());
      assertThat(again.version()).isEqualTo(record.version());
      assertThat(again.bytes()).isEqualTo(record.bytes());
      assertThat(again.endLsn()).isEqualTo(record.endLsn());
      assertThat(again.blocks()).hasSameSizeAs(record.blocks());
    }
  }

  @Test
  void anyStartAndChunks_giveTheSameRecords() throws IOException {
    RealWal wal = RealWal.of("pg17");
    byte[] bytes = wal.wal();
    List<WalRecord> all = wal.records();
    Random random = Seeds.random();
    for (int round = 0; round < 6; round++) {
      Lsn start = Lsn.of(wal.start() + random.nextInt(bytes.length));
      WalReader reader = new WalReader(start, WalMaker.SEGMENT);
      List<WalRecord> records = new ArrayList<>();
      while (reader.wantedLsn().value() < wal.start() + bytes.length) {
        int at = (int) (reader.wantedLsn().value() - wal.start());
        int length = Math.min(1 + random.nextInt(1 << random.nextInt(18)), bytes.length - at);
        reader.feed(reader.wantedLsn(), bytes, at, length);
        Readers.drain(reader, records);
      }
      assertThat(Readers.starts(records))
          .isEqualTo(Readers.starts(all).stream().filter(lsn -> !lsn.isBefore(start)).toList());
    }
  }
}
