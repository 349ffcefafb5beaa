package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WalSegmentReaderTest {
  private static final int SEGMENT = WalMaker.SEGMENT;

  @TempDir Path directory;

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes);
  }

  /** Three segments of a log that starts in segment 2. */
  private List<Path> three(WalMaker wal) throws IOException {
    for (int i = 0; i < 25; i++) {
      wal.add(100_000, i);
    }
    byte[] all = wal.segment();
    assertThat(all).hasSize(3 * SEGMENT);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      files.add(
          write(
              "00000001000000000000000" + (2 + i),
              Arrays.copyOfRange(all, i * SEGMENT, (i + 1) * SEGMENT)));
    }
    return files;
  }

  private static List<Lsn> read(List<Path> files, Lsn start) throws IOException {
    List<Lsn> starts = new ArrayList<>();
    try (WalSegmentReader segments = WalSegmentReader.open(files, start)) {
      for (WalRecord record = segments.next(); record != null; record = segments.next()) {
        starts.add(record.lsn());
      }
    }
    return starts;
  }

  @Test
  void next_readsOverTheSegments_inWhateverOrderTheyAreGiven() throws IOException {
    WalMaker wal = new WalMaker(2L * SEGMENT);
    List<Path> files = three(wal);
    Collections.reverse(files);
    assertThat(read(files, Lsn.INVALID)).isEqualTo(wal.starts);
  }

  @Test
  void open_withStart_skipsWhatLiesBefore() throws IOException {
    WalMaker wal = new WalMaker(2L * SEGMENT);
    List<Path> files = three(wal);
    // The first file is not needed any more, only its header is.
    Files.write(files.get(0), Arrays.copyOf(Files.readAllBytes(files.get(0)), 100));
    Lsn start = wal.starts.get(15);
    assertThat(read(files, start)).isEqualTo(wal.starts.subList(15, 25));
  }

  @Test
  void open_withAGap_orOutside_isRefused() throws IOException {
    WalMaker wal = new WalMaker(2L * SEGMENT);
    List<Path> files = three(wal);
    assertThatThrownBy(() -> read(List.of(files.get(0), files.get(2)), Lsn.INVALID))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("segment missing before this one")
        .hasMessageContaining("expected=0/300000");
    assertThatThrownBy(() -> read(files, Lsn.of(5L * SEGMENT)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("outside");
  }

  @Test
  void newerTimelinesFile_isReadInsteadOfTheOlder() throws IOException {
    WalMaker old = new WalMaker(2L * SEGMENT);
    old.add(1_000, 1);
    WalMaker fork = new WalMaker(2L * SEGMENT);
    fork.add(1_000, 1);
    fork.timeline(2).add(20_000, 2);
    Path first = write("000000010000000000000002", old.segment());
    Path second = write("000000020000000000000002", fork.segment());
    assertThat(read(List.of(first, second), Lsn.INVALID)).isEqualTo(fork.starts);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 39, 40, 8192, 100_000, SEGMENT - 1})
  void fileCutShort_isTorn(int length) throws IOException {
    WalMaker wal = new WalMaker(2L * SEGMENT);
    List<Path> files = three(wal);
    Files.write(files.get(0), Arrays.copyOf(Files.readAllBytes(files.get(0)), length));
    try (WalSegmentReader segments = WalSegmentReader.open(files, Lsn.INVALID)) {
      int count = 0;
      while (segments.next() != null) {
        count++;
      }
      assertThat(count).isEqualTo(length / 100_100);
      assertThat(segments.end().kind()).isEqualTo(WalEnd.Kind.TORN);
      assertThat(segments.end().reason())
          .contains("file ends before its segment does")
          .contains("bytes=" + length);
    }
  }

  @Test
  void fileThatIsNoSegment_isRefused() throws IOException {
    Path text = write("notes.txt", new byte[100]);
    assertThatThrownBy(() -> read(List.of(text), Lsn.INVALID))
        .hasMessageContaining("not the name of a WAL segment");
    Path name =
        write(
            "x",
            three(new WalMaker(2L * SEGMENT))
                .get(0)
                .toString()
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThatThrownBy(() -> read(List.of(name), Lsn.INVALID))
        .isInstanceOf(IllegalArgumentException.class);
    List<Path> files = three(new WalMaker(2L * SEGMENT));
    Path wrong = Files.move(files.get(0), directory.resolve("segment-two"));
    assertThatThrownBy(() -> read(List.of(wrong), Lsn.INVALID))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not the name of a WAL segment");
  }

  @Test
  void fileLongerThanASegment_isRefused() throws IOException {
    List<Path> files = three(new WalMaker(2L * SEGMENT));
    Files.write(files.get(1), new byte[SEGMENT + 1]);
    assertThatThrownBy(() -> read(files, Lsn.INVALID))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("longer than a segment");
  }

  @Test
  void fileUnderAnotherSegmentsName_isRefused() throws IOException {
    List<Path> files = three(new WalMaker(2L * SEGMENT));
    Path later = Files.move(files.get(0), directory.resolve("000000010000000000000001"));
    assertThatThrownBy(() -> read(List.of(later), Lsn.INVALID))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("address of another page");
  }

  /** A log of three segments, and files that a server keeps for later use. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void filesKeptForLaterUse_areTheEnd_whereverTheyAreListed(boolean recycled) throws IOException {
    WalMaker wal = new WalMaker(2L * SEGMENT);
    List<Path> files = new ArrayList<>(three(wal));
    byte[] unused = recycled ? Files.readAllBytes(files.get(0)) : new byte[SEGMENT];
    files.add(0, write("000000010000000000000006", unused));
    files.add(0, write("000000010000000000000005", unused));
    for (int i = 0; i < files.size(); i++) {
      Collections.rotate(files, 1);
      assertThat(read(files, Lsn.INVALID)).isEqualTo(wal.starts);
    }
    assertThat(read(List.of(directory), Lsn.INVALID)).isEqualTo(wal.starts);
  }

  @Test
  void onlyFilesThatWereNeverWritten_areRefused() throws IOException {
    Path blank = write("000000010000000000000005", new byte[SEGMENT]);
    assertThatThrownBy(() -> read(List.of(blank), Lsn.INVALID))
        .isInstanceOf(WalException.class)
        .hasMessageContaining("file=" + blank);
  }

  @Test
  void blankSegment_withLogAfterIt_isNoEnd() throws IOException {
    List<Path> files = three(new WalMaker(2L * SEGMENT));
    Files.write(files.get(1), new byte[SEGMENT]);
    try (WalSegmentReader segments = WalSegmentReader.open(files, Lsn.INVALID)) {
      while (segments.next() != null) {
        // Up to the end.
      }
      assertThat(segments.end().kind()).isEqualTo(WalEnd.Kind.TORN);
    }
    WalMaker wal = new WalMaker(2L * SEGMENT);
    wal.add(1_000, 1);
    WalMaker later = new WalMaker(3L * SEGMENT);
    later.add(1_000, 2);
    List<Path> gap =
        List.of(
            write("000000010000000000000002", wal.segment()),
            write("000000010000000000000003", later.segment()));
    try (WalSegmentReader segments = WalSegmentReader.open(gap, Lsn.INVALID)) {
      assertThat(segments.next()).isNotNull();
      assertThat(segments.next()).isNull();
      assertThat(segments.end().kind()).isEqualTo(WalEnd.Kind.TORN);
      assertThat(segments.end().reason()).contains("log follows").contains(gap.get(1).toString());
    }
  }

  /** Positions are unsigned, up to the very last segment. */
  @ParameterizedTest
  @CsvSource({
    "7FFFFFFFFFF00000, 000000017FFFFFFF00000FFF",
    "8000000000000000, 000000018000000000000000",
    "FFFFFFFFFFE00000, 00000001FFFFFFFF00000FFE",
    "FFFFFFFFFFF00000, 00000001FFFFFFFF00000FFF",
  })
  void segments_ofTheWholeRange(String start, String name) throws IOException {
    long first = Long.parseUnsignedLong(start, 16);
    WalMaker wal = new WalMaker(first);
    wal.add(1_000, 1);
    Lsn second = wal.add(1_000, 2);
    Path file = write(name, wal.segment());
    assertThat(read(List.of(file), Lsn.INVALID)).isEqualTo(wal.starts);
    assertThat(read(List.of(file), second)).containsExactly(second);
    WalFile segment = WalFile.of(file);
    assertThat(segment.startLsn(SEGMENT)).isEqualTo(Lsn.of(first));
    assertThat(segment.number(SEGMENT)).isEqualTo(first >>> 20);
  }

  @ParameterizedTest
  @CsvSource({
    "000000010000000000000008, 1048576, 0/800000",
    "0000000A00000016000000B3, 16777216, 16/B3000000",
    "00000001000000FF00000003, 1073741824, FF/C0000000",
    "FFFFFFFF0000000100000FFF, 1048576, 1/FFF00000",
  })
  void segmentName_andItsStart(String text, int segmentBytes, String start) {
    WalSegmentName name = WalSegmentName.parse(text);
    assertThat(name).isNotNull().hasToString(text);
    Lsn lsn = name.startLsn(segmentBytes);
    assertThat(lsn).isEqualTo(Lsn.parse(start));
    assertThat(WalSegmentName.of(name.timeline(), Lsn.of(lsn.value() + 99), segmentBytes))
        .isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "00000001.history", "00000001000000000000000g", "0000000100000000"})
  void segmentName_ofOtherFiles(String text) {
    assertThat(WalSegmentName.parse(text)).isNull();
  }

  @Test
  void segmentName_thatTheSizeDoesNotHave() {
    WalSegmentName name = WalSegmentName.parse("000000010000000000000100.partial");
    assertThat(name).isNotNull();
    assertThatThrownBy(() -> name.startLsn(16 << 20)).isInstanceOf(IllegalArgumentException.class);
  }
}
