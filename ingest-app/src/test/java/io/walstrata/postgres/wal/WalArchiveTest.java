package io.walstrata.postgres.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import io.walstrata.layerstore.page.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Archives as the usual tools leave them: compressed, renamed, unfinished, and with other files.
 */
class WalArchiveTest {
  private static final String FIRST = "000000010000000000000006";
  private static final String SECOND = "000000010000000000000007";

  @TempDir Path folder;

  enum Packer {
    PLAIN,
    GZIP,
    ZSTD,
    LZ4,
    /** As pg_receivewal and pgBackRest write it: blocks depend on those before. */
    LZ4_LINKED,
    XZ,
    BZIP2;

    byte[] pack(byte[] bytes) throws IOException {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (OutputStream out = stream(packed)) {
        out.write(bytes);
      }
      return packed.toByteArray();
    }

    private OutputStream stream(OutputStream out) throws IOException {
      return switch (this) {
        case PLAIN -> out;
        case GZIP -> new GZIPOutputStream(out);
        case ZSTD -> new ZstdOutputStream(out);
        case LZ4 -> new LZ4FrameOutputStream(out);
        case LZ4_LINKED ->
            new FramedLZ4CompressorOutputStream(
                out,
                new FramedLZ4CompressorOutputStream.Parameters(
                    FramedLZ4CompressorOutputStream.BlockSize.K64, true, false, true));
        case XZ -> new XZOutputStream(out, new LZMA2Options(1));
        case BZIP2 -> new BZip2CompressorOutputStream(out);
      };
    }
  }

  private static final Map<String, byte[]> PACKED = new HashMap<>();

  private static byte[] wal;

  @BeforeAll
  static void unpackOnce() throws IOException {
    wal = RealWal.of("pg15").wal();
  }

  private static byte[] segment(int index) {
    return Arrays.copyOfRange(wal, index * WalMaker.SEGMENT, (index + 1) * WalMaker.SEGMENT);
  }

  /** Packed once: the packer that links blocks takes seconds for a segment. */
  private static byte[] packed(Packer packer, int index) throws IOException {
    byte[] bytes = PACKED.get(packer.name() + index);
    if (bytes == null) {
      bytes = packer.pack(segment(index));
      PACKED.put(packer.name() + index, bytes);
    }
    return bytes;
  }

  private Path write(String name, byte[] bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, bytes);
  }

  private static List<Lsn> starts(Path... paths) throws IOException {
    List<Lsn> starts = new ArrayList<>();
    try (WalSegmentReader segments = WalSegmentReader.open(List.of(paths), Lsn.INVALID)) {
      for (WalRecord record = segments.next(); record != null; record = segments.next()) {
        starts.add(record.lsn());
      }
    }
    return starts;
  }

  private static List<Lsn> expected() throws IOException {
    return Readers.starts(RealWal.of("pg15").records());
  }

  /** The content decides, whatever the name is. */
  @ParameterizedTest
  @EnumSource(Packer.class)
  void packedSegments_areRead_underAnyName(Packer packer) throws IOException {
    String digest = "-0123456789abcdef0123456789abcdef01234567";
    for (String suffix : List.of("", ".gz", ".zst", ".lz4", ".xz", digest, digest + ".gz")) {
      write("archive" + suffix + "/" + FIRST + suffix, packed(packer, 0));
      write("archive" + suffix + "/" + SECOND + suffix, packed(packer, 1));
      assertThat(starts(folder.resolve("archive" + suffix))).as(suffix).isEqualTo(expected());
    }
  }

  @ParameterizedTest
  @EnumSource(Packer.class)
  void startWithin_aPackedSegment(Packer packer) throws IOException {
    Path file = write(SECOND, packed(packer, 1));
    List<Lsn> all = expected();
    Lsn start = all.get(all.size() - 5);
    try (WalSegmentReader segments = WalSegmentReader.open(List.of(file), start)) {
      WalRecord record = segments.next();
      assertThat(record).isNotNull();
      assertThat(record.lsn()).isEqualTo(start);
    }
  }

  @Test
  void severalFramesInOneFile_areRead() throws IOException {
    for (Packer packer : Packer.values()) {
      byte[] bytes = segment(0);
      byte[] parts =
          RecordMaker.bytes(
              packer.pack(Arrays.copyOf(bytes, 100_000)),
              packer.pack(Arrays.copyOfRange(bytes, 100_000, bytes.length)));
      write(packer + "/" + FIRST, parts);
      write(packer + "/" + SECOND, segment(1));
      assertThat(starts(folder.resolve(packer.toString()))).as("" + packer).isEqualTo(expected());
    }
  }

  @Test
  void layoutsOfTools_areRead() throws IOException {
    write(
        "pgbackrest/0000000100000000/" + FIRST + "-" + "0a".repeat(20) + ".gz",
        packed(Packer.GZIP, 0));
    write(
        "pgbackrest/0000000100000000/" + SECOND + "-" + "0b".repeat(20) + ".zst",
        packed(Packer.ZSTD, 1));
    write("pgbackrest/0000000100000000/" + FIRST + ".00000028.backup", new byte[10]);
    write("receivewal/" + FIRST + ".gz", packed(Packer.GZIP, 0));
    byte[] unfinished = packed(Packer.GZIP, 1);
    write("receivewal/" + SECOND + ".gz.partial", Arrays.copyOf(unfinished, unfinished.length / 2));
    assertThat(starts(folder.resolve("pgbackrest"))).isEqualTo(expected());
    List<Lsn> received = starts(folder.resolve("receivewal"));
    assertThat(received)
        .hasSizeGreaterThan(starts(folder.resolve("receivewal/" + FIRST + ".gz")).size());
    assertThat(expected()).startsWith(received.toArray(new Lsn[0]));
  }

  /** What a partial file cannot unpack is its end, of a finished one it is damage. */
  @ParameterizedTest
  @EnumSource(value = Packer.class, names = "PLAIN", mode = EnumSource.Mode.EXCLUDE)
  void packedFile_cutShort(Packer packer) throws IOException {
    byte[] whole = packed(packer, 0);
    for (int length : new int[] {7, 12, 40, whole.length / 2, whole.length - 9}) {
      byte[] cut = Arrays.copyOf(whole, length);
      Path finished = write("finished/" + FIRST + ".gz", cut);
      assertThatThrownBy(() -> starts(finished))
          .as("length %d", length)
          .isInstanceOfAny(IOException.class, WalException.class)
          .hasMessageContaining(finished.toString());
      Path partial = write("partial/" + SECOND + ".gz.partial", cut);
      write("partial/" + FIRST, segment(0));
      List<Lsn> read = starts(folder.resolve("partial"));
      assertThat(read).isNotEmpty();
      Files.delete(partial);
    }
  }

  @ParameterizedTest
  @EnumSource(value = Packer.class, names = "PLAIN", mode = EnumSource.Mode.EXCLUDE)
  void bomb_isNotUnpackedFurtherThanASegment(Packer packer) throws Exception {
    // These compressors take minutes for as much as the others do in a second.
    int length =
        switch (packer) {
          case BZIP2 -> 8 << 20;
          case LZ4_LINKED -> 2 << 20;
          default -> 64 << 20;
        };
    byte[] bytes = Arrays.copyOf(segment(0), length);
    for (int at = WalMaker.SEGMENT; at < bytes.length; at++) {
      bytes[at] = 'b';
    }
    Path file = write(FIRST + ".gz", packer.pack(bytes));
    long allocated =
        Allocated.bytes(
            () ->
                assertThatThrownBy(() -> starts(file))
                    .isInstanceOf(WalException.class)
                    .hasMessageContaining("longer than a segment")
                    .hasMessageContaining(file.toString()));
    assertThat(allocated).isLessThan(32 << 20);
  }

  @ParameterizedTest
  @CsvSource({
    ".br, 0b0380, brotli",
    ".lzma, 5d000080, lzma",
    ".lzo, 894c5a4f00, lzop",
    ".gpg, 8c0d0407, OpenPGP",
    ".gz.gpg, 8c0d0407, OpenPGP",
    ".aes, 0102030405, encrypted",
    ".gz, 53616c7465645f5f00, openssl",
    "'', 53616c7465645f5f00, openssl",
    "'', 504b0304, zip",
    ".zip, 504b0304, zip",
    ".7z, 377abcaf271c, 7z",
    "'', 0102030405, unknown",
    ".unheard, 0102030405, unknown",
    ".partial.br, 0b0380, brotli",
  })
  void formsThatAreNotRead_areRefusedByNameAndKind(String suffix, String hex, String kind)
      throws IOException {
    write(FIRST, segment(0));
    Path file = write(SECOND + suffix, java.util.HexFormat.of().parseHex(hex));
    for (Path given : List.of(folder, file)) {
      assertThatThrownBy(() -> starts(given))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("file=" + file)
          .hasMessageContaining("form=")
          .hasMessageContaining(kind);
    }
  }

  @Test
  void everyOtherFile_isNamedWithItsReason() throws IOException {
    write(FIRST, segment(0));
    Path history = write("00000002.history", new byte[0]);
    write("00000002.history.md5", new byte[1]);
    write("00000002.history.gpg", new byte[1]);
    write(FIRST + ".00000028.backup.gz", new byte[1]);
    write(FIRST + ".md5", new byte[1]);
    write(SECOND + ".gz.tmp", new byte[1]);
    write("notes.txt", new byte[1]);
    write("archive_status/" + FIRST + ".ready", new byte[0]);
    WalArchive archive = WalArchive.of(List.of(folder));
    assertThat(archive.segments()).hasSize(1);
    assertThat(archive.history(2)).isEqualTo(history);
    assertThat(archive.leftOut())
        .extracting(file -> file.file().getFileName() + ": " + file.reason())
        .containsExactly(
            FIRST + ".00000028.backup.gz: backup label",
            FIRST + ".md5: no segment by the end of its name",
            SECOND + ".gz.tmp: no segment by the end of its name",
            "00000002.history.gpg: history in a form that is not read",
            "00000002.history.md5: no history by the end of its name",
            "archive_status: directory",
            "notes.txt: not named after a WAL segment");
    assertThat(archive.leftOut()).filteredOn(file -> !file.isUsual()).hasSize(2);
  }

  @Test
  void history_mayBePacked_butIsNoBomb() throws IOException {
    byte[] text = "1\t0/2800C0\twhy\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    for (Packer packer : Packer.values()) {
      Path file =
          write("00000002.history" + (packer == Packer.PLAIN ? "" : ".gz"), packer.pack(text));
      assertThat(WalArchive.read(file)).isEqualTo("1\t0/2800C0\twhy\n");
    }
    Path bomb = write("00000003.history.gz", Packer.GZIP.pack(new byte[3 << 20]));
    assertThatThrownBy(() -> WalArchive.read(bomb)).hasMessageContaining("file=" + bomb);
  }

  @Test
  void sameSegmentTwice_isRefused() throws IOException {
    Path plain = write(FIRST, segment(0));
    Path packed = write(FIRST + ".gz", packed(Packer.GZIP, 0));
    assertThatThrownBy(() -> starts(folder))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("given twice")
        .hasMessageContaining(plain.toString())
        .hasMessageContaining(packed.toString());
    assertThat(starts(plain, plain)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x"})
  void missingFile_isNamed(String name) {
    Path missing = folder.resolve(name).resolve("nope");
    assertThatThrownBy(() -> WalArchive.of(List.of(missing)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no such file: file=" + missing);
  }
}
