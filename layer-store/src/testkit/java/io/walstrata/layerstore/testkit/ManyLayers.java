package io.walstrata.layerstore.testkit;

import io.walstrata.layerstore.Compression;
import io.walstrata.layerstore.FreezeReason;
import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.home.LayerFileOutput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.format.DeltaLayerWriter;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestFormat;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.page.KeyRange;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.LsnRange;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.TimelineId;
import io.walstrata.layerstore.page.ValueKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Writes homes of many small layers. */
public final class ManyLayers {
  private ManyLayers() {}

  /** Returns the page of a number, which is in all layers if it is below 4. */
  public static PageKey key(long number) {
    return PageKey.of(0, 1663, 5, 16384, 0, number);
  }

  /** Returns the bytes of each version in a layer. */
  public static byte[] value(long layer) {
    return ByteBuffer.allocate(Long.BYTES).putLong(layer).array();
  }

  /**
   * Writes a home as ten thousand freeze points would leave it, without waiting for a disk as
   * often: layer n has a version of each of four pages at LSN n.
   */
  public static void write(Path directory, TimelineId timeline, int layers) throws IOException {
    MemoryHome home = new MemoryHome();
    List<ManifestLayer> entries = new ArrayList<>();
    for (int n = 1; n <= layers; n++) {
      entries.add(write(home, timeline, n));
    }
    TreeMap<TimelineId, Lsn> lastLsns = new TreeMap<>(Map.of(timeline, Lsn.of(layers)));
    Manifest manifest = new Manifest(1, OptionalLong.of(layers), lastLsns, entries);
    Files.createDirectories(directory.resolve(timeline.toString()));
    Files.write(directory.resolve("manifest"), ManifestFormat.encode(manifest));
    for (Map.Entry<String, byte[]> file : home.files().entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  private static ManifestLayer write(LayerHome home, TimelineId timeline, int number)
      throws IOException {
    KeyRange keys = new KeyRange(key(0), key(4));
    LsnRange lsns = new LsnRange(Lsn.of(number), Lsn.of(number + 1));
    ManifestLayer[] entry = new ManifestLayer[1];
    LayerPath path = new LayerPath(timeline, new LayerFileName(keys, lsns, number + 1));
    try (LayerFileOutput out = home.create(path, ByteBuffer.allocate(1 << 15), Runnable::run)) {
      DeltaLayerWriter writer =
          new DeltaLayerWriter(out, timeline, keys, lsns, 4, Compression.NONE);
      byte[] value = value(number);
      for (int n = 0; n < 4; n++) {
        writer.add(
            key(n).high(),
            key(n).low(),
            number,
            ValueKind.IMAGE,
            (position, target, offset, length) ->
                System.arraycopy(value, 0, target, offset, length),
            0,
            value.length);
      }
      entry[0] =
          ManifestLayer.of(
              writer.finish(List.of(), number, number + 1),
              Lsn.of(number - 1),
              FreezeReason.POLICY);
      out.publish();
    }
    return entry[0];
  }
}
