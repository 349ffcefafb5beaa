package io.walstrata.layerstore;

import io.walstrata.layerstore.format.DeltaLayerFooter;
import io.walstrata.layerstore.format.DeltaLayerReader;
import io.walstrata.layerstore.format.LayerFileName;
import io.walstrata.layerstore.io.LayerFileInput;
import io.walstrata.layerstore.io.LocalFiles;
import io.walstrata.layerstore.io.LocalLayerHome;
import io.walstrata.layerstore.layer.LayerDump;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Looks into single layer files, wherever they are, with no store and no home around them. Nothing
 * is written.
 */
public final class LayerFiles {
  private LayerFiles() {}

  /**
   * Returns what a layer file says of itself. Reads its header and footer only.
   *
   * @throws io.walstrata.layerstore.page.CorruptLayerException if they are damaged
   */
  public static LayerFileInfo info(Path file) throws IOException {
    try (LayerFileInput input = LocalFiles.open(file)) {
      return describe(file, DeltaLayerReader.readFooter(input));
    }
  }

  /**
   * Hands over one line per tombstone, then one per version, sorted by key and LSN.
   *
   * @param describer says what a value is
   * @param lines takes the lines, without line ends, in order
   * @throws io.walstrata.layerstore.page.CorruptLayerException where the file is damaged; lines
   *     before are right
   */
  public static void dump(Path file, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    try (DeltaLayerReader reader = DeltaLayerReader.open(LocalFiles.open(file))) {
      reader.tombstones().forEach(tombstone -> lines.accept(LayerDump.line(tombstone)));
      reader.forEach(
          (key, lsn, value) -> {
            lines.accept(LayerDump.line(key, lsn, value, describer));
            return true;
          });
    }
  }

  /**
   * Reads and checks every byte of a layer file: checksums, order, counts, ranges, and its name if
   * it is a layer file's. What is wrong is in the report.
   *
   * @throws IOException if the file cannot be read at all
   */
  public static LayerFileReport verify(Path file) throws IOException {
    Optional<LayerFileInfo> info = Optional.empty();
    try {
      info = Optional.of(info(file));
      try (DeltaLayerReader reader = DeltaLayerReader.open(LocalFiles.open(file))) {
        checkName(file, reader.footer());
        reader.verify();
      }
      return new LayerFileReport(file, info, Optional.empty());
    } catch (CorruptLayerException | UnsupportedFormatException e) {
      return new LayerFileReport(file, info, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /**
   * Leaves a note beside a layer file that it is damaged, so that it is repaired when its store is
   * next started; see {@link LayerRepair}. A note that is there stays as it is.
   *
   * @param file in a timeline's directory of a home
   * @param why what is wrong with it, for people
   * @throws IllegalArgumentException if it is not named like a layer file, or not in such a place
   */
  public static void noteDamage(Path file, String why) throws IOException {
    Path timeline = file.toAbsolutePath().normalize().getParent();
    Path home = timeline == null ? null : timeline.getParent();
    if (timeline == null
        || home == null
        || LayerFileName.tryParse(String.valueOf(file.getFileName())).isEmpty()) {
      throw new IllegalArgumentException("not a layer file in a home: file=" + file);
    }
    new LocalLayerHome(home)
        .noteDamage(timeline.getFileName() + "/" + file.getFileName(), why + "\n");
  }

  private static void checkName(Path file, DeltaLayerFooter footer) throws CorruptLayerException {
    Path name = file.getFileName();
    if (name != null
        && LayerFileName.tryParse(name.toString()).isPresent()
        && !footer.fileName().toString().equals(name.toString())) {
      throw new CorruptLayerException(file.toString(), 0, "file name", footer.fileName(), name);
    }
  }

  private static LayerFileInfo describe(Path file, DeltaLayerFooter footer) {
    LayerDesc layer =
        new LayerDesc(
            footer.timeline(),
            LayerDesc.State.DELTA,
            footer.fileName().toString(),
            footer.keyRange(),
            footer.lsnRange(),
            footer.startOffset(),
            footer.endOffset(),
            footer.versions(),
            footer.tombstones(),
            footer.fileLength(),
            /* freezeReason= */ null);
    return new LayerFileInfo(
        file,
        layer,
        footer.version(),
        footer.keys(),
        footer.blocks(),
        footer.valueBytes(),
        footer.contentDigest());
  }
}
