package io.walstrata.layerstore.internal.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ManifestFormatTest {
  static Manifest sample() {
    TimelineId other = new TimelineId(-1, 7);
    TreeMap<TimelineId, Lsn> lastLsns = new TreeMap<>();
    lastLsns.put(other, Lsn.of(-2));
    lastLsns.put(Sample.TIMELINE, Lsn.parse("16/B374D848"));
    KeyRange page = KeyRange.of(PageKey.of(0, 1663, 5, 16384, 0, 7));
    LsnRange lsns = new LsnRange(Lsn.of(0x10), Lsn.parse("16/B374D849"));
    LsnRange older = new LsnRange(Lsn.of(0x10), Lsn.of(0x21)); // they share an LSN
    LsnRange newer = new LsnRange(Lsn.of(0x20), Lsn.parse("16/B374D849"));
    return new Manifest(
        3,
        OptionalLong.of(141),
        lastLsns,
        List.of(
            layer(other, KeyRange.ALL, lsns, 5, 142, 7, 1, 4096, 0x123456789ABCDEFL, 0),
            layer(Sample.TIMELINE, page, newer, 100, 142, 9, 0, 900, -1, 0x20),
            layer(Sample.TIMELINE, page, older, 1, 100, 2, 0, 700, 7, 0xF)));
  }

  private static ManifestLayer layer(
      TimelineId timeline,
      KeyRange keys,
      LsnRange lsns,
      long startOffset,
      long endOffset,
      long versions,
      long tombstones,
      long sizeBytes,
      long digest,
      long lsnBefore) {
    return new ManifestLayer(
        timeline,
        keys,
        lsns,
        startOffset,
        endOffset,
        versions,
        tombstones,
        sizeBytes,
        digest,
        Lsn.of(lsnBefore),
        FreezeReason.POLICY);
  }

  /** The sample, with other freeze reasons than the policy for two of its layers. */
  static Manifest frozenEarly() {
    List<ManifestLayer> layers = new ArrayList<>();
    for (ManifestLayer layer : sample().layers()) {
      layers.add(
          new ManifestLayer(
              layer.timeline(),
              layer.keyRange(),
              layer.lsnRange(),
              layer.startOffset(),
              layer.endOffset(),
              layer.versions(),
              layer.tombstones(),
              layer.sizeBytes(),
              layer.contentDigest(),
              layer.lsnBefore(),
              FreezeReason.of(layers.size())));
    }
    return new Manifest(3, OptionalLong.of(141), sample().lastLsns(), layers);
  }

  @Test
  void freezeReasons_comeBack_andAreNothingButTheFlags() throws IOException {
    byte[] bytes = ManifestFormat.encode(frozenEarly());
    assertThat(ManifestFormat.decode("m", bytes)).isEqualTo(frozenEarly());
    byte[] without = ManifestFormat.encode(sample());
    for (int at = 0; at < bytes.length - Checksum.BYTES; at++) {
      int inLayer = at - 44 - 2 * 24;
      boolean isFlags = inLayer >= 0 && inLayer % 133 >= 117 && inLayer % 133 < 125;
      assertThat(bytes[at] == without[at] || isFlags).as("at=" + at).isTrue();
    }
  }

  @Test
  void flagsThatNoWriterWrites_areCorrupt() {
    int flags = 44 + 2 * 24 + 117;
    for (long value : new long[] {3, 255, 256, -1, 1L << 63}) {
      byte[] bytes = ManifestFormat.encode(sample());
      ByteBuffer.wrap(bytes).putLong(flags, value);
      checkRefused(Checksum.seal(bytes));
    }
  }

  @Test
  void decode_ofEncoded_givesTheSameManifest() throws IOException {
    Manifest manifest = sample();
    assertThat(ManifestFormat.decode("m", ManifestFormat.encode(manifest))).isEqualTo(manifest);
    assertThat(ManifestFormat.decode("m", ManifestFormat.encode(Manifest.EMPTY)))
        .isEqualTo(Manifest.EMPTY);
  }

  @Test
  void layers_areSortedByTimelineAndOffset() {
    assertThat(sample().layers())
        .extracting(ManifestLayer::endOffset)
        .containsExactly(100L, 142L, 142L);
  }

  @Test
  void everyBitFlipped_isDetected() {
    byte[] bytes = ManifestFormat.encode(sample());
    for (int at = 0; at < bytes.length; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] damaged = bytes.clone();
        damaged[at] ^= (byte) (1 << bit);
        checkRefused(damaged);
      }
    }
  }

  @Test
  void everyTruncationAndExtension_isDetected() {
    byte[] bytes = ManifestFormat.encode(sample());
    for (int length = 0; length < bytes.length + 200; length++) {
      if (length != bytes.length) {
        checkRefused(Arrays.copyOf(bytes, length));
      }
    }
  }

  private static void checkRefused(byte[] damaged) {
    assertThatThrownBy(() -> ManifestFormat.decode("home/manifest", damaged))
        .isInstanceOf(CorruptLayerException.class)
        .hasMessageContaining("file=home/manifest");
  }

  @Test
  void decode_ofANewerVersion_namesBothVersions() {
    byte[] bytes = ManifestFormat.encode(sample());
    ByteBuffer.wrap(bytes).putShort(8, (short) 2);

    assertThatThrownBy(() -> ManifestFormat.decode("m", Checksum.seal(bytes)))
        .isInstanceOf(UnsupportedFormatException.class)
        .hasMessageContaining("version=2");
  }

  /** Of another version only magic, version and the checksum at the end are known. */
  @Test
  void decode_ofANewerVersion_thatIsShorterOrLonger_namesBothVersions() {
    for (int length : new int[] {14, 20, 47, 48, 5000}) {
      byte[] bytes = Arrays.copyOf(ManifestFormat.encode(Manifest.EMPTY), length);
      ByteBuffer.wrap(bytes).putShort(8, (short) 300);
      assertThatThrownBy(() -> ManifestFormat.decode("m", Checksum.seal(bytes)))
          .as("length %s", length)
          .isInstanceOf(UnsupportedFormatException.class)
          .hasMessageContaining("version=300");
    }
  }

  @Test
  void decode_ofLayersInDisorderOrOfNoTimeline_isCorrupt() {
    byte[] bytes = ManifestFormat.encode(sample());
    int first = 44 + 2 * 24;
    byte[] twice = bytes.clone();
    System.arraycopy(twice, first, twice, first + 133, 133);
    checkRefused(Checksum.seal(twice));
    byte[] stranger = bytes.clone();
    stranger[first] ^= 1;
    checkRefused(Checksum.seal(stranger));
    byte[] sameTimeline = bytes.clone();
    System.arraycopy(sameTimeline, 44, sameTimeline, 44 + 24, 16);
    checkRefused(Checksum.seal(sameTimeline));
  }

  /** Sets a number of the second layer of a timeline with two, and checks that it is refused. */
  private static void checkRefusedWith(int field, long value) throws IOException {
    byte[] bytes = ManifestFormat.encode(sample());
    ManifestFormat.decode("m", bytes);
    ByteBuffer.wrap(bytes).putLong(44 + 2 * 24 + 133 + field, value);
    checkRefused(Checksum.seal(bytes));
  }

  @Test
  void decode_ofLayersThatDoNotFollowEachOther_isCorrupt() throws IOException {
    int startLsn = 53;
    int startOffset = 69;
    int endOffset = 77;
    int lsnBefore = 125;
    checkRefusedWith(startLsn, 0x1F); // before the last LSN of the older one
    checkRefusedWith(startLsn, 0);
    checkRefusedWith(startOffset, 99); // before the end of the older one
    checkRefusedWith(startOffset, 142); // nothing between start and end
    checkRefusedWith(startOffset, -1);
    checkRefusedWith(endOffset, 143); // after the durable offset
    checkRefusedWith(lsnBefore, 0x1F); // before the last LSN of the older one
    checkRefusedWith(lsnBefore, 0x21); // after its own first
    byte[] bytes = ManifestFormat.encode(sample());
    ByteBuffer.wrap(bytes).putLong(44 + 16, 0x16_B374D847L); // a timeline before its last layer
    checkRefused(Checksum.seal(bytes));
  }

  @Test
  void decode_ofImplausibleCounts_isCorruptAndAllocatesNothing() {
    byte[] bytes = ManifestFormat.encode(sample());
    ByteBuffer.wrap(bytes).putInt(36, -1);
    checkRefused(Checksum.seal(bytes));
  }
}
