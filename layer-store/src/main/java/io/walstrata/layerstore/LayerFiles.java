package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerFileName;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.cursor.CostCounter;
import io.walstrata.layerstore.internal.file.LocalFiles;
import io.walstrata.layerstore.internal.format.DeltaLayerFooter;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.home.local.HomeLayout;
import io.walstrata.layerstore.internal.home.local.LocalLayerHome;
import io.walstrata.layerstore.internal.read.LayerDump;
import io.walstrata.layerstore.page.CorruptLayerException;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.PageKey;
import io.walstrata.layerstore.page.Tombstone;
import io.walstrata.layerstore.page.UnsupportedFormatException;
import io.walstrata.layerstore.page.Value;
import io.walstrata.layerstore.page.ValueDescriber;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks single layer files without opening a store or a home. Only {@link #noteDamage}
 * writes. For directories see {@link LayerTree}.
 */
public final class LayerFiles {
  private LayerFiles() {}

  /**
   * Returns the facts that a layer file's header and footer state. Reads nothing else.
   *
   * @throws CorruptLayerException if they are damaged
   * @throws UnsupportedFormatException if the file is of a version that cannot be read
   */
  public static LayerFileInfo info(Path file) throws IOException {
    try (LayerFileInput input = LocalFiles.open(file)) {
      return describe(file, DeltaLayerReader.readFooter(input));
    }
  }

  /**
   * Passes a layer file's content to a visitor until it returns false, with one block in memory at
   * a time. Blocks without selected keys are not read.
   *
   * @throws CorruptLayerException at the first damaged block; what was visited before is intact
   * @throws UnsupportedFormatException if the file is of a version that cannot be read
   */
  public static void visit(Path file, LayerFileFilter filter, LayerFileVisitor visitor)
      throws IOException {
    try (LayerFileInput input = LocalFiles.open(file)) {
      LayerDesc layer = describe(file, DeltaLayerReader.readFooter(input)).layer();
      if (!visitor.layer(layer) || !filter.mayConcern(layer)) {
        return;
      }
      DeltaLayerReader reader = DeltaLayerReader.over(input, new CostCounter());
      for (Tombstone tombstone : reader.tombstones()) {
        if (tombstone.keys().overlaps(filter.keys())
            && filter.contains(tombstone.lsn())
            && !visitor.tombstone(tombstone)) {
          return;
        }
      }
      reader.forEach(filter.keys(), filter.fromLsn(), filter.toLsn(), visitor::version);
    }
  }

  /**
   * Passes on one line per tombstone, then one per version, sorted by key and LSN.
   *
   * @param describer describes a value
   * @param lines takes the lines, without line ends, in order
   * @throws CorruptLayerException at the first damaged block; the lines before are right
   * @throws UnsupportedFormatException if the file is of a version that cannot be read
   */
  public static void dump(Path file, ValueDescriber describer, Consumer<String> lines)
      throws IOException {
    visit(
        file,
        LayerFileFilter.ALL,
        new LayerFileVisitor() {
          @Override
          public boolean tombstone(Tombstone tombstone) {
            lines.accept(LayerDump.line(tombstone));
            return true;
          }

          @Override
          public boolean version(PageKey key, Lsn lsn, Value value) {
            lines.accept(LayerDump.line(key, lsn, value, describer));
            return true;
          }
        });
  }

  /**
   * Reads and checks every byte of a layer file: checksums, order, counts, ranges, and its name and
   * its directory's if they are a layer file's. The first fault is in the report.
   *
   * @throws IOException if the file cannot be read at all
   */
  public static LayerFileReport verify(Path file) throws IOException {
    return verify(file, null);
  }

  /**
   * Checks a file as {@link #verify(Path)} does, and that it is the one that a manifest names.
   *
   * @param named the manifest's entry for it; null if no manifest names it
   */
  static LayerFileReport verify(Path file, @Nullable ManifestLayer named) throws IOException {
    Optional<LayerFileInfo> info = Optional.empty();
    FileVerdict verdict;
    String problem;
    try (LayerFileInput input = LocalFiles.open(file)) {
      try {
        info = Optional.of(describe(file, DeltaLayerReader.readFooter(input)));
        DeltaLayerReader reader = DeltaLayerReader.over(input, new CostCounter());
        checkName(file, reader.footer());
        checkIsNamed(file, reader.footer(), named);
        reader.verify();
        return new LayerFileReport(file, FileVerdict.INTACT, info, Optional.empty(), named != null);
      } catch (UnsupportedFormatException e) {
        verdict = FileVerdict.UNKNOWN_VERSION;
        problem = String.valueOf(e.getMessage());
      } catch (CorruptLayerException e) {
        boolean isLayer = named != null || isNamedLikeALayer(file) || isMarked(input, e);
        verdict = isLayer ? FileVerdict.DAMAGED : FileVerdict.NOT_A_LAYER;
        problem = isLayer ? String.valueOf(e.getMessage()) : "not a layer file";
      }
    }
    return new LayerFileReport(file, verdict, info, Optional.of(problem), named != null);
  }

  /**
   * Returns whether a file is a layer file, damaged or not: its name, its first bytes or its footer
   * are those of one.
   */
  public static boolean isLayer(Path file) throws IOException {
    if (isNamedLikeALayer(file)) {
      return true;
    }
    try (LayerFileInput input = LocalFiles.open(file)) {
      return DeltaLayerReader.isMarked(input);
    }
  }

  /** Returns whether the file has the marks of a layer file; true if it shrinks meanwhile. */
  private static boolean isMarked(LayerFileInput input, CorruptLayerException found)
      throws IOException {
    try {
      return DeltaLayerReader.isMarked(input);
    } catch (CorruptLayerException e) {
      found.addSuppressed(e);
      return true;
    }
  }

  static boolean isNamedLikeALayer(Path file) {
    return LayerFileName.tryParse(String.valueOf(file.getFileName())).isPresent();
  }

  /**
   * Writes a note next to a layer file that it is damaged, so that it is repaired when its store is
   * next started; see {@link LayerRepair}. A note that exists is kept unchanged.
   *
   * @param file in a timeline's directory of a home
   * @param why what is wrong with it, for people
   * @throws IllegalArgumentException if it is not named like a layer file, or not in such a place
   */
  public static void noteDamage(Path file, String why) throws IOException {
    Path timeline = file.toAbsolutePath().normalize().getParent();
    Path home = timeline == null ? null : timeline.getParent();
    LayerPath path =
        timeline == null
            ? null
            : LayerPath.tryParse(
                    String.valueOf(timeline.getFileName()), String.valueOf(file.getFileName()))
                .orElse(null);
    if (home == null || path == null) {
      throw new IllegalArgumentException("not a layer file in a home: file=" + file);
    }
    new LocalLayerHome(home).noteDamage(path, why + "\n");
  }

  private static void checkName(Path file, DeltaLayerFooter footer) throws CorruptLayerException {
    Path name = file.getFileName();
    if (name == null || !isNamedLikeALayer(file)) {
      return;
    }
    if (!footer.fileName().toString().equals(name.toString())) {
      throw new CorruptLayerException(file.toString(), 0, "file name", footer.fileName(), name);
    }
    Path directory = file.toAbsolutePath().normalize().getParent();
    String timeline = directory == null ? "" : String.valueOf(directory.getFileName());
    if (HomeLayout.TIMELINE.matcher(timeline).matches()
        && !timeline.equals(footer.timeline().toString())) {
      throw new CorruptLayerException(
          file.toString(), 0, "timeline of the directory", footer.timeline(), timeline);
    }
  }

  private static void checkIsNamed(
      Path file, DeltaLayerFooter footer, @Nullable ManifestLayer named)
      throws CorruptLayerException {
    if (named != null) {
      ManifestLayer found = ManifestLayer.of(footer, named.lsnBefore(), named.freezeReason());
      if (!found.equals(named)) {
        throw new CorruptLayerException(
            file.toString(),
            0,
            "layer named by the manifest",
            differing(named, found),
            differing(found, named));
      }
    }
  }

  /** Returns the facts of a layer in which it differs from the other one. */
  private static String differing(ManifestLayer layer, ManifestLayer other) {
    Map<String, Object> others = facts(other);
    return facts(layer).entrySet().stream()
        .filter(fact -> !fact.getValue().equals(others.get(fact.getKey())))
        .map(fact -> fact.getKey() + "=" + fact.getValue())
        .collect(Collectors.joining(" "));
  }

  private static Map<String, Object> facts(ManifestLayer layer) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("timeline", layer.timeline());
    facts.put("keys", layer.keyRange().describe());
    facts.put("lsns", layer.lsnRange());
    facts.put("startOffset", layer.startOffset());
    facts.put("endOffset", layer.endOffset());
    facts.put("versions", layer.versions());
    facts.put("tombstones", layer.tombstones());
    facts.put("sizeBytes", layer.sizeBytes());
    facts.put("digest", HexFormat.of().toHexDigits(layer.contentDigest()));
    return facts;
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
