package io.walstrata.layerstore.internal.format;

import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The bytes of a manifest.
 *
 * <pre>
 * Manifest -&gt; Header Timeline{timelines} Layer{layers} crc32c u32
 *
 * Header, 44 bytes              Layer, 133 bytes
 *   0 magic "WALSMANI"            0 timeline u8{16}
 *   8 version u16   1            16 kind u8            1 = delta
 *  10 checksumAlgorithm u16  1   17 startKey, endKey   Key each, 18 bytes
 *  12 length u64                 53 startLsn u64
 *  20 epoch u64                  61 endLsn u64
 *  28 durableOffset i64          69 startOffset i64
 *  36 timelines u32              77 endOffset i64
 *  40 layers u32                 85 versions u64
 *                                93 tombstones u64
 * Timeline, 24 bytes            101 sizeBytes u64
 *   0 id u8{16}                 109 contentDigest u64
 *  16 lastLsn u64               117 flags u64          0..2 = freeze reason
 *                               125 lsnBefore u64
 * </pre>
 *
 * <p>All numbers are big-endian. {@code length} is that of the whole manifest; the crc32c
 * (algorithm 1) is over all bytes before it. {@code durableOffset} is the last log offset covered,
 * -1 for none. Timelines are sorted by id, layers by timeline, then {@code endOffset}; neither
 * occurs twice. A layer's file name follows from its fields, see {@link LayerFileName}.
 *
 * <p>Versions: 1, 2026-11: first. Oldest readable: 1.
 */
public final class ManifestFormat {
  private static final int VERSION = 1;
  private static final int OLDEST_VERSION = 1;
  private static final long MAGIC = 0x57414C53_4D414E49L;
  private static final int DELTA = 1;

  private static final int AT_VERSION = Long.BYTES;
  private static final int AT_ALGORITHM = AT_VERSION + Short.BYTES;
  private static final int AT_LENGTH = AT_ALGORITHM + Short.BYTES;
  private static final int AT_EPOCH = AT_LENGTH + Long.BYTES;
  private static final int AT_DURABLE_OFFSET = AT_EPOCH + Long.BYTES;
  private static final int AT_TIMELINES = AT_DURABLE_OFFSET + Long.BYTES;
  private static final int AT_LAYERS = AT_TIMELINES + Integer.BYTES;
  private static final int HEADER_LENGTH = AT_LAYERS + Integer.BYTES;

  private static final int TIMELINE_LSN = TimelineId.BYTES;
  private static final int TIMELINE_LENGTH = TIMELINE_LSN + Long.BYTES;

  private static final int LAYER_KIND = TimelineId.BYTES;
  private static final int LAYER_KEYS = LAYER_KIND + Byte.BYTES;
  private static final int LAYER_LSNS = LAYER_KEYS + 2 * PageKey.BYTES;
  private static final int LAYER_START_OFFSET = LAYER_LSNS + 2 * Long.BYTES;
  private static final int LAYER_END_OFFSET = LAYER_START_OFFSET + Long.BYTES;
  private static final int LAYER_VERSIONS = LAYER_END_OFFSET + Long.BYTES;
  private static final int LAYER_TOMBSTONES = LAYER_VERSIONS + Long.BYTES;
  private static final int LAYER_SIZE = LAYER_TOMBSTONES + Long.BYTES;
  private static final int LAYER_DIGEST = LAYER_SIZE + Long.BYTES;
  private static final int LAYER_FLAGS = LAYER_DIGEST + Long.BYTES;
  private static final int LAYER_LSN_BEFORE = LAYER_FLAGS + Long.BYTES;
  private static final int LAYER_LENGTH = LAYER_LSN_BEFORE + Long.BYTES;

  private ManifestFormat() {}

  /** Returns whether a file that begins with these bytes is a manifest, damaged or not. */
  public static boolean isMarked(byte[] start) {
    return start.length >= Long.BYTES && ByteBuffer.wrap(start).getLong() == MAGIC;
  }

  /** Returns the manifest's bytes. */
  public static byte[] encode(Manifest manifest) {
    int length =
        Math.toIntExact(
            HEADER_LENGTH
                + (long) manifest.lastLsns().size() * TIMELINE_LENGTH
                + (long) manifest.layers().size() * LAYER_LENGTH
                + Checksum.BYTES);
    byte[] bytes = new byte[length];
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putLong(MAGIC).putShort((short) VERSION).putShort((short) Checksum.CRC32C_ID);
    out.putLong(length).putLong(manifest.epoch());
    out.putLong(manifest.durableOffset().orElse(-1));
    out.putInt(manifest.lastLsns().size()).putInt(manifest.layers().size());
    for (Map.Entry<TimelineId, Lsn> timeline : manifest.lastLsns().entrySet()) {
      out.put(timeline.getKey().toBytes()).putLong(timeline.getValue().value());
    }
    for (ManifestLayer layer : manifest.layers()) {
      out.put(layer.timeline().toBytes()).put((byte) DELTA);
      out.put(layer.keyRange().startKey().toBytes()).put(layer.keyRange().endKey().toBytes());
      out.putLong(layer.lsnRange().startLsn().value()).putLong(layer.lsnRange().endLsn().value());
      out.putLong(layer.startOffset()).putLong(layer.endOffset());
      out.putLong(layer.versions()).putLong(layer.tombstones());
      out.putLong(layer.sizeBytes()).putLong(layer.contentDigest());
      out.putLong(layer.freezeReason().id());
      out.putLong(layer.lsnBefore().value());
    }
    return Checksum.seal(bytes);
  }

  /**
   * Reads a manifest.
   *
   * @param file its name for messages
   * @throws CorruptLayerException if these are not the bytes that were written
   * @throws UnsupportedFormatException if its format version cannot be read
   */
  public static Manifest decode(String file, byte[] manifest) throws IOException {
    // Another version's header may be shorter; the fields that are read first are at the same place
    // in all.
    checkLength(file, manifest, AT_ALGORITHM + Checksum.BYTES);
    FileBytes bytes = new FileBytes(file, 0, manifest);
    bytes.checkTrailingChecksum("manifest");
    bytes.checkEqual(0, "manifest magic", MAGIC, bytes.i64(0));
    int version = bytes.u16(AT_VERSION);
    if (version < OLDEST_VERSION || version > VERSION) {
      throw new UnsupportedFormatException(file, version, OLDEST_VERSION, VERSION);
    }
    checkLength(file, manifest, HEADER_LENGTH + Checksum.BYTES);
    bytes.checkEqual(
        AT_ALGORITHM, "checksum algorithm", Checksum.CRC32C_ID, bytes.u16(AT_ALGORITHM));
    bytes.checkEqual(AT_LENGTH, "manifest length", bytes.i64(AT_LENGTH), manifest.length);
    long timelines = Integer.toUnsignedLong(bytes.i32(AT_TIMELINES));
    long layers = Integer.toUnsignedLong(bytes.i32(AT_LAYERS));
    long described =
        HEADER_LENGTH + timelines * TIMELINE_LENGTH + layers * LAYER_LENGTH + Checksum.BYTES;
    bytes.checkEqual(AT_TIMELINES, "length of the lists", described, manifest.length);
    long offset = bytes.i64(AT_DURABLE_OFFSET);
    checkAtLeast(bytes, AT_DURABLE_OFFSET, "durable offset", -1);
    SortedMap<TimelineId, Lsn> lastLsns = timelines(bytes, (int) timelines);
    int layersAt = HEADER_LENGTH + (int) timelines * TIMELINE_LENGTH;
    return new Manifest(
        bytes.i64(AT_EPOCH),
        offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset),
        lastLsns,
        layers(bytes, layersAt, (int) layers, lastLsns, offset));
  }

  private static void checkLength(String file, byte[] manifest, int atLeast)
      throws CorruptLayerException {
    if (manifest.length < atLeast) {
      throw new CorruptLayerException(
          file, 0, "manifest length", "at least " + atLeast, manifest.length);
    }
  }

  private static SortedMap<TimelineId, Lsn> timelines(FileBytes bytes, int count)
      throws CorruptLayerException {
    SortedMap<TimelineId, Lsn> lastLsns = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      int at = HEADER_LENGTH + i * TIMELINE_LENGTH;
      TimelineId id = bytes.timeline(at);
      if (!lastLsns.isEmpty() && id.compareTo(lastLsns.lastKey()) <= 0) {
        throw bytes.corrupt(at, "timeline order", "greater than " + lastLsns.lastKey(), id);
      }
      Lsn lastLsn = bytes.lsn(at + TIMELINE_LSN);
      if (!lastLsn.isValid()) {
        throw bytes.corrupt(at + TIMELINE_LSN, "last LSN", "a version's LSN", lastLsn);
      }
      lastLsns.put(id, lastLsn);
    }
    return lastLsns;
  }

  private static List<ManifestLayer> layers(
      FileBytes bytes,
      int start,
      int count,
      SortedMap<TimelineId, Lsn> lastLsns,
      long durableOffset)
      throws CorruptLayerException {
    List<ManifestLayer> layers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = start + i * LAYER_LENGTH;
      ManifestLayer layer = layer(bytes, at);
      Lsn timelineLsn = lastLsns.get(layer.timeline());
      if (timelineLsn == null) {
        throw bytes.corrupt(at, "layer timeline", "one of the timelines", layer.timeline());
      }
      if (layer.lastLsn().isAfter(timelineLsn)) {
        throw bytes.corrupt(
            at + LAYER_LSNS, "layer's last LSN", "at most " + timelineLsn, layer.lastLsn());
      }
      if (layer.endOffset() - 1 > durableOffset) {
        throw bytes.corrupt(
            at + LAYER_END_OFFSET,
            "layer's last offset",
            "at most " + durableOffset,
            layer.endOffset() - 1);
      }
      if (i > 0) {
        checkFollows(bytes, at, layer, layers.get(i - 1));
      }
      layers.add(layer);
    }
    return layers;
  }

  /** Checks that layers of a timeline follow each other, and share one LSN at most. */
  private static void checkFollows(
      FileBytes bytes, int at, ManifestLayer layer, ManifestLayer before)
      throws CorruptLayerException {
    if (Manifest.ORDER.compare(layer, before) <= 0) {
      throw bytes.corrupt(at, "layer order", "after " + before, layer);
    }
    if (!layer.timeline().equals(before.timeline())) {
      return;
    }
    checkAtLeast(bytes, at + LAYER_START_OFFSET, "start offset", before.endOffset());
    if (layer.lsnRange().startLsn().isBefore(before.lastLsn())) {
      throw bytes.corrupt(
          at + LAYER_LSNS,
          "layer's first LSN",
          "at least " + before.lastLsn(),
          layer.lsnRange().startLsn());
    }
    if (layer.lsnBefore().isBefore(before.lastLsn())) {
      throw bytes.corrupt(
          at + LAYER_LSN_BEFORE, "LSN before", "at least " + before.lastLsn(), layer.lsnBefore());
    }
  }

  private static ManifestLayer layer(FileBytes bytes, int at) throws CorruptLayerException {
    bytes.checkEqual(at + LAYER_KIND, "layer kind", DELTA, bytes.u8(at + LAYER_KIND));
    checkAtLeast(bytes, at + LAYER_START_OFFSET, "start offset", 0);
    checkAtLeast(bytes, at + LAYER_END_OFFSET, "last offset + 1", 1);
    checkAtLeast(
        bytes, at + LAYER_END_OFFSET, "last offset + 1", bytes.i64(at + LAYER_START_OFFSET) + 1);
    checkAtLeast(bytes, at + LAYER_VERSIONS, "versions", 0);
    checkAtLeast(bytes, at + LAYER_TOMBSTONES, "tombstones", 0);
    checkAtLeast(bytes, at + LAYER_SIZE, "layer size", 0);
    Lsn lsnBefore = bytes.lsn(at + LAYER_LSN_BEFORE);
    Lsn startLsn = bytes.lsn(at + LAYER_LSNS);
    if (lsnBefore.isAfter(startLsn)) {
      throw bytes.corrupt(at + LAYER_LSN_BEFORE, "LSN before", "at most " + startLsn, lsnBefore);
    }
    return new ManifestLayer(
        bytes.timeline(at),
        bytes.keyRange(at + LAYER_KEYS),
        bytes.lsnRange(at + LAYER_LSNS),
        bytes.i64(at + LAYER_START_OFFSET),
        bytes.i64(at + LAYER_END_OFFSET),
        bytes.i64(at + LAYER_VERSIONS),
        bytes.i64(at + LAYER_TOMBSTONES),
        bytes.i64(at + LAYER_SIZE),
        bytes.i64(at + LAYER_DIGEST),
        lsnBefore,
        freezeReason(bytes, at + LAYER_FLAGS));
  }

  private static FreezeReason freezeReason(FileBytes bytes, int at) throws CorruptLayerException {
    long flags = bytes.i64(at);
    for (FreezeReason reason : FreezeReason.values()) {
      if (reason.id() == flags) {
        return reason;
      }
    }
    throw bytes.corrupt(at, "layer flags", "a freeze reason", flags);
  }

  private static void checkAtLeast(FileBytes bytes, int at, String what, long min)
      throws CorruptLayerException {
    if (bytes.i64(at) < min) {
      throw bytes.corrupt(at, what, "at least " + min, bytes.i64(at));
    }
  }
}
