package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.page.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written to a delta layer file is what is read from it. */
class DeltaLayerFormatTest {
  private static DeltaLayerReader open(byte[] file) throws IOException {
    return DeltaLayerReader.open(MemoryFile.input(file));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 100, DeltaLayerFormat.BLOCK_TARGET_BYTES})
  void reader_ofWrittenFile_givesEveryVersion(int blockTargetBytes) throws IOException {
    Sample sample = Sample.small();

    try (DeltaLayerReader reader = open(sample.write(blockTargetBytes))) {
      reader.verify();
      assertThat(Sample.readAll(reader)).isEqualTo(sample.entries());
      assertThat(reader.tombstones()).isEqualTo(sample.tombstones());
      for (Sample.Entry entry : sample.entries()) {
        assertThat(Sample.read(reader, entry.key(), entry.lsn()))
            .isEqualTo(sample.versions(entry.key(), entry.lsn()));
        assertThat(reader.contains(entry.key(), entry.lsn())).isTrue();
        assertThat(reader.contains(entry.key(), entry.lsn().next()))
            .isEqualTo(
                sample.entries().stream()
                    .anyMatch(
                        e -> e.key().equals(entry.key()) && e.lsn().equals(entry.lsn().next())));
      }
    }
  }

  @Test
  void footer_saysWhatTheFileHolds() throws IOException {
    byte[] file = Sample.small().write(100);

    DeltaLayerFooter footer = DeltaLayerReader.readFooter(MemoryFile.input(file));

    assertThat(footer.version()).isEqualTo(1);
    assertThat(footer.timeline()).isEqualTo(Sample.TIMELINE);
    assertThat(footer.keyRange()).isEqualTo(KeyRange.ALL);
    assertThat(footer.lsnRange()).isEqualTo(new LsnRange(Lsn.of(1), Lsn.MAX));
    assertThat(footer.startOffset()).isEqualTo(100);
    assertThat(footer.endOffset()).isEqualTo(142);
    assertThat(footer.versions()).isEqualTo(9);
    assertThat(footer.keys()).isEqualTo(4);
    assertThat(footer.tombstones()).isEqualTo(2);
    assertThat(footer.valueBytes()).isEqualTo(5 + 10 + 6 + 4 + 3 + 10 + 4);
    assertThat(footer.blocks()).isGreaterThan(3);
    assertThat(footer.fileLength()).isEqualTo(file.length);
  }

  @Test
  void descend_stopsAboveAnLsn_andWhenTheVisitorHasHadEnough() throws IOException {
    Sample sample = Sample.small();
    PageKey page = sample.entries().get(1).key();
    try (DeltaLayerReader reader = open(sample.write(1))) {
      List<Lsn> seen = new ArrayList<>();
      CostCounter cost = new CostCounter();
      reader.descend(page, Lsn.of(0x30), Lsn.of(0x10), (key, lsn, value) -> seen.add(lsn), cost);
      assertThat(seen).containsExactly(Lsn.of(0x30), Lsn.of(0x20));

      seen.clear();
      reader.descend(page, Lsn.MAX, Lsn.INVALID, (key, lsn, value) -> !seen.add(lsn), cost);
      assertThat(seen).hasSize(1);
    }
  }

  @Test
  void endOffset_below0_isDamage() throws IOException {
    for (long endOffset : new long[] {-1, Long.MIN_VALUE}) {
      FileParts parts = new FileParts(Sample.small().write(100));
      ByteBuffer.wrap(parts.footer).putLong(DeltaLayerFormat.FOOTER_END_OFFSET, endOffset);
      assertThatThrownBy(() -> open(parts.toBytes(/* fits= */ true)))
          .isInstanceOf(CorruptLayerException.class)
          .hasMessageContaining("end offset");
    }
  }

  @Test
  void startAndEndOffset_whereNothingIsBetween_areDamage() throws IOException {
    for (long startOffset : new long[] {142, 143, -1}) {
      FileParts parts = new FileParts(Sample.small().write(100));
      ByteBuffer.wrap(parts.footer).putLong(DeltaLayerFormat.FOOTER_START_OFFSET, startOffset);
      assertThatThrownBy(() -> open(parts.toBytes(/* fits= */ true)))
          .isInstanceOf(CorruptLayerException.class)
          .hasMessageContaining("start offset")
          .hasMessageContaining("expected=0 to 141");
    }
  }

  @Test
  void block_ofMoreThanOneZstandardFrame_isDamage() throws IOException {
    byte[] body = new byte[3000];
    Arrays.fill(body, 100, 2000, (byte) 7);
    byte[] noise = new byte[900];
    new Random(5).nextBytes(noise);
    System.arraycopy(noise, 0, body, 2000, noise.length);
    for (int level : new int[] {1, 19}) {
      byte[] whole = frame(body, 0, body.length, level);
      byte[] target = new byte[body.length];
      BlockCodec.decompress(Compression.ZSTD, whole, 0, whole.length, target);
      assertThat(target).isEqualTo(body);

      byte[] two = join(frame(body, 0, 1000, level), frame(body, 1000, body.length, level));
      byte[] skippable = {0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 1, 1};
      for (byte[] stored : List.of(two, join(whole, skippable), join(skippable, whole))) {
        assertThat(Zstd.decompressByteArray(target, 0, target.length, stored, 0, stored.length))
            .as("the library takes it")
            .isEqualTo(body.length);
        assertThatIllegalArgumentException()
            .isThrownBy(
                () -> BlockCodec.decompress(Compression.ZSTD, stored, 0, stored.length, target))
            .withMessageContaining("Zstandard frame");
      }
      for (int length = 0; length < whole.length; length++) {
        int cut = length;
        assertThatIllegalArgumentException()
            .isThrownBy(() -> BlockCodec.decompress(Compression.ZSTD, whole, 0, cut, target));
      }
    }
  }

  /** Returns a frame with a checksum, which the writer here never makes, for the higher level. */
  private static byte[] frame(byte[] bytes, int from, int to, int level) {
    try (ZstdCompressCtx context = new ZstdCompressCtx()) {
      context.setLevel(level).setChecksum(level > 1);
      return context.compress(Arrays.copyOfRange(bytes, from, to));
    }
  }

  private static byte[] join(byte[] one, byte[] other) {
    byte[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  @Test
  void reader_ofAFileWithTombstonesOnly_hasNoVersions() throws IOException {
    MemoryFile file = new MemoryFile();
    KeyRange keys = KeyRange.of(PageKey.MIN);
    LsnRange lsns = new LsnRange(Lsn.of(7), Lsn.of(8));
    List<Tombstone> tombstones = List.of(new Tombstone(keys, Lsn.of(7)));
    new DeltaLayerWriter(file, Sample.TIMELINE, keys, lsns, 0, Compression.NONE)
        .finish(tombstones, 0, 1);

    try (DeltaLayerReader reader = open(file.toBytes())) {
      reader.verify();
      assertThat(reader.tombstones()).isEqualTo(tombstones);
      assertThat(reader.mayContain(PageKey.MIN)).isFalse();
      assertThat(reader.contains(PageKey.MIN, Lsn.of(7))).isFalse();
      assertThat(Sample.readAll(reader)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void reader_ofManyVersionsOfRandomLength_givesEveryVersion(Compression compression)
      throws IOException {
    Random random = new Random(42);
    List<Sample.Entry> entries = new ArrayList<>();
    for (int key = 0; key < 300; key++) {
      for (int at = 1; at <= 1 + random.nextInt(20); at++) {
        byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(100_000) : at];
        random.nextBytes(bytes);
        entries.add(
            new Sample.Entry(
                PageKey.of(0, 1, 1, 1, 0, key),
                Lsn.of(at),
                Value.walRecord(bytes, /* willInit= */ false)));
      }
    }
    MemoryFile file = new MemoryFile();
    KeyRange keys = new KeyRange(PageKey.of(0, 1, 1, 1, 0, 0), PageKey.of(0, 1, 1, 1, 0, 300));
    Lsn maxLsn = entries.stream().map(Sample.Entry::lsn).max(Lsn::compareTo).orElseThrow();
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            file, Sample.TIMELINE, keys, new LsnRange(Lsn.of(1), maxLsn.next()), 300, compression);
    for (Sample.Entry entry : entries) {
      Sample.add(writer, entry.key(), entry.lsn(), entry.value());
    }
    writer.finish(List.of(), 0, 1);

    try (DeltaLayerReader reader = open(file.toBytes())) {
      reader.verify();
      assertThat(reader.footer().keys()).isEqualTo(300);
      assertThat(Sample.readAll(reader)).isEqualTo(entries);
      Sample sample = new Sample(entries, List.of());
      for (int key = 0; key < 300; key++) {
        PageKey page = PageKey.of(0, 1, 1, 1, 0, key);
        assertThat(Sample.read(reader, page, Lsn.of(10)))
            .isEqualTo(sample.versions(page, Lsn.of(10)));
      }
    }
  }

  @Test
  void writer_refusesWhatIsOutOfOrderOrRange() throws IOException {
    PageKey key = PageKey.of(0, 1, 1, 1, 0, 5);
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            new MemoryFile(),
            Sample.TIMELINE,
            new KeyRange(key, new PageKey(-1, 0)),
            new LsnRange(Lsn.of(5), Lsn.of(10)),
            1,
            Compression.NONE);
    Value value = Value.image(new byte[1]);
    Sample.add(writer, key, Lsn.of(6), value);

    for (Lsn lsn : List.of(Lsn.of(5), Lsn.of(6), Lsn.of(10), Lsn.of(11))) {
      assertThatIllegalArgumentException().isThrownBy(() -> Sample.add(writer, key, lsn, value));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sample.add(writer, PageKey.MIN, Lsn.of(7), value));
    Tombstone outside = new Tombstone(KeyRange.of(PageKey.MIN), Lsn.of(7));
    assertThatIllegalArgumentException().isThrownBy(() -> writer.finish(List.of(outside), 0, 1));
  }

  @Test
  void writer_ofNothing_isRefused() throws IOException {
    DeltaLayerWriter writer =
        new DeltaLayerWriter(
            new MemoryFile(),
            Sample.TIMELINE,
            KeyRange.ALL,
            new LsnRange(Lsn.of(1), Lsn.of(2)),
            0,
            Compression.NONE);
    assertThatIllegalArgumentException().isThrownBy(() -> writer.finish(List.of(), 0, 1));
  }

  @Test
  void open_ofANewerVersion_namesBothVersions() throws IOException {
    byte[] file = Sample.small().write(100);
    int footer = file.length - DeltaLayerFormat.FOOTER_LENGTH;
    ByteBuffer.wrap(file).putShort(footer + DeltaLayerFormat.FOOTER_VERSION, (short) 7);
    byte[] resealed = Checksum.seal(Arrays.copyOfRange(file, footer, file.length));
    System.arraycopy(resealed, 0, file, footer, resealed.length);

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("version=7")
        .hasMessageContaining("newestReadable=1");
  }

  @Test
  void verify_findsAFilterThatDeniesAKey() throws IOException {
    byte[] file = Sample.small().write(100);
    DeltaLayerFooter footer = DeltaLayerReader.readFooter(MemoryFile.input(file));
    int start = (int) footer.filterPosition();
    int end = (int) footer.footerPosition();
    Arrays.fill(file, start, end, (byte) 0);
    byte[] resealed = Checksum.seal(Arrays.copyOfRange(file, start, end));
    System.arraycopy(resealed, 0, file, start, resealed.length);

    try (DeltaLayerReader reader = open(file)) {
      assertThatThrownBy(reader::verify)
          .isInstanceOf(CorruptLayerException.class)
          .hasMessageContaining("key filter");
    }
  }

  @Test
  void filter_letsFewAbsentKeysThrough() {
    KeyFilterBuilder builder = new KeyFilterBuilder(10_000);
    for (int block = 0; block < 10_000; block++) {
      builder.add(Mix.hash(PageKey.of(0, 1663, 5, 16384, 0, block)));
    }
    KeyFilter filter = KeyFilter.decode(new FileBytes("memory", 0, builder.encode()));
    int passed = 0;
    for (int block = 0; block < 10_000; block++) {
      assertThat(filter.mayContain(Mix.hash(PageKey.of(0, 1663, 5, 16384, 0, block)))).isTrue();
      if (filter.mayContain(Mix.hash(PageKey.of(0, 1663, 5, 16385, 0, block)))) {
        passed++;
      }
    }
    assertThat(passed).isLessThan(200);
  }
}
