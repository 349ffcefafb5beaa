package io.walstrata.ingest.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.page.Lsn;
import io.walstrata.postgres.wal.WalFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are read, in which order, and which are refused. */
class WalSegmentsTest {
  private static final int MIB = 1 << 20;

  @TempDir Path folder;

  /** A file with a segment's header and nothing after it. */
  private Path segment(String name) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort((short) 0xD118).putShort((short) 2);
    WalFile file = WalFile.of(Files.write(folder.resolve(name), header.array()));
    header.putLong(8, file.startLsn(MIB).value());
    header.putLong(24, 77).putInt(32, MIB).putInt(36, 8192);
    return Files.write(folder.resolve(name), header.array());
  }

  private void history(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  private List<String> names() throws IOException {
    return WalSegments.of(List.of(folder)).segments().stream()
        .map(s -> String.valueOf(s.path().getFileName()))
        .toList();
  }

  @Test
  void segments_areSorted_andEverythingElseInTheFolderLeftAlone() throws IOException {
    segment("000000010000000000000FFF");
    segment("000000010000000100000000");
    segment("000000010000000100000001");
    Files.writeString(folder.resolve("000000010000000000000FFF.00000028.backup"), "x");
    Files.writeString(folder.resolve("README"), "x");
    Files.createDirectory(folder.resolve("archive_status"));
    assertThat(names())
        .containsExactly(
            "000000010000000000000FFF", "000000010000000100000000", "000000010000000100000001");
    WalSegments segments = WalSegments.of(List.of(folder));
    WalFile second = segments.segments().get(1);
    assertThat(second.startLsn(MIB)).hasToString("1/0");
    assertThat(segments.systemIdentifier()).isEqualTo(77);
    assertThat(segments.segmentBytes()).isEqualTo(MIB);
    assertThat(segments.isHistoryKnown()).isTrue();
  }

  @Test
  void gap_isRefused() throws IOException {
    segment("000000010000000000000001");
    segment("000000010000000000000003");
    assertThatThrownBy(this::names)
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("missingLsn=0/200000");
  }

  @Test
  void newestTimeline_goesBeforeItsAncestors() throws IOException {
    segment("000000010000000000000001");
    segment("000000010000000000000002");
    segment("000000010000000000000003"); // Abandoned by the promotion.
    segment("000000020000000000000002");
    history("00000002.history", "1\t0/2800C0\twhy\n");
    assertThat(names()).containsExactly("000000010000000000000001", "000000020000000000000002");
  }

  @Test
  void severalTimelines_needAHistory() throws IOException {
    segment("000000010000000000000001");
    segment("000000020000000000000002");
    assertThatThrownBy(this::names)
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("00000002.history");
  }

  @Test
  void laterTimelineAlone_hasAnUnknownHistory() throws IOException {
    segment("000000020000000000000002");
    assertThat(WalSegments.of(List.of(folder)).isHistoryKnown()).isFalse();
  }

  @Test
  void partialSegment_countsOnlyAtTheEnd() throws IOException {
    segment("000000010000000000000001");
    segment("000000010000000000000001.partial");
    segment("000000010000000000000002.partial");
    assertThat(names())
        .containsExactly("000000010000000000000001", "000000010000000000000002.partial");
  }

  @Test
  void filesThatAreNoSegments_areRefused() throws IOException {
    assertThatThrownBy(() -> WalSegments.of(List.of(folder)))
        .hasMessageContaining("no WAL segments");
    Path other = Files.writeString(folder.resolve("notes.txt"), "x");
    assertThatThrownBy(() -> WalSegments.of(List.of(other)))
        .hasMessageContaining("24 hexadecimal digits");
    assertThatThrownBy(() -> WalSegments.of(List.of(folder.resolve("missing"))))
        .hasMessageContaining("no such file");
    Path packed = Files.writeString(folder.resolve("000000010000000000000001.br"), "x");
    assertThatThrownBy(() -> WalSegments.of(List.of(packed)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("unpack it")
        .hasMessageContaining("form=brotli");
    assertThatThrownBy(() -> WalSegments.of(List.of(folder))).hasMessageContaining("form=brotli");
    Files.delete(packed);
    Files.writeString(folder.resolve("000000010000000000000001"), "not a header");
    assertThatThrownBy(() -> WalSegments.of(List.of(folder))).hasMessageContaining("form=unknown");
  }

  @Test
  void blankAndRecycledSegments_areTheEnd_inAnyOrder() throws IOException {
    Path first = segment("000000010000000000000001");
    Path second = segment("000000010000000000000002");
    Path blank = Files.write(folder.resolve("000000010000000000000003"), new byte[MIB]);
    Path recycled = Files.copy(first, folder.resolve("000000010000000000000004"));
    for (List<Path> order :
        List.of(
            List.of(blank, recycled, first, second),
            List.of(recycled, first, blank, second),
            List.of(first, second, blank),
            List.of(folder))) {
      assertThat(WalSegments.of(order).segments())
          .extracting(WalFile::path)
          .containsExactly(first, second);
    }
    assertThatThrownBy(() -> WalSegments.of(List.of(blank)))
        .isInstanceOf(ProduceException.class)
        .hasMessageContaining("file=" + blank);
    Path partial = segment("000000010000000000000002.partial");
    Files.delete(second);
    assertThat(WalSegments.of(List.of(folder)).segments())
        .extracting(WalFile::path)
        .containsExactly(first, partial);
  }

  @Test
  void lastSegmentOfAll_isASegmentLikeOthers() throws IOException {
    segment("00000001FFFFFFFF00000FFE");
    segment("00000001FFFFFFFF00000FFF");
    assertThat(names()).hasSize(2);
    assertThat(WalSegments.of(List.of(folder)).segments().get(1).startLsn(MIB))
        .isEqualTo(Lsn.parse("FFFFFFFF/FFF00000"));
  }
}
