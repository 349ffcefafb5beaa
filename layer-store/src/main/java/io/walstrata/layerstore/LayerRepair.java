package io.walstrata.layerstore;

import io.walstrata.layerstore.home.Claim;
import io.walstrata.layerstore.home.LayerFileInput;
import io.walstrata.layerstore.home.LayerHome;
import io.walstrata.layerstore.home.LayerPath;
import io.walstrata.layerstore.internal.format.DeltaLayerReader;
import io.walstrata.layerstore.internal.format.Manifest;
import io.walstrata.layerstore.internal.format.ManifestLayer;
import io.walstrata.layerstore.internal.layer.DeltaLayer;
import io.walstrata.layerstore.internal.layer.LayerCache;
import io.walstrata.layerstore.internal.layer.ParallelLayers;
import io.walstrata.layerstore.internal.manifest.ManifestKeeper;
import io.walstrata.layerstore.page.CorruptLayerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds damage in a partition's home, and takes the home back to a freeze point from which the log
 * builds it again. Nothing is deleted. The caller must know that the log still has {@link
 * RepairPlan#firstOffsetNeeded()}.
 *
 * <p>It finds a manifest that is damaged or gone; layer files that are missing, or whose header or
 * footer is damaged; and files with a note, written by a read that found a damaged block, or by
 * {@link LayerFiles#noteDamage}.
 */
public final class LayerRepair {
  /*
   * Layers depend on the log alone, and so do all layers up to a freeze point. So a home whose
   * manifest ends at an earlier freeze point equals the home at that time, and replaying the log
   * from there gives the same layers again. Only whole freeze points are removed, for all
   * timelines, because the log is replayed from one offset.
   *
   * A repair may be interrupted anywhere. The damage is noted first; files are moved from the
   * newest to the oldest, and the manifest is written last. In between it names files that are
   * missing, so the next attempt finds at least the same damage, and needs at least as much of the
   * log.
   */
  private static final Logger LOG = LoggerFactory.getLogger(LayerRepair.class);

  /** Stands in for a manifest that is gone, until one is written; it reads as a damaged one. */
  private static final byte[] UNFINISHED = "repair\n".getBytes(StandardCharsets.US_ASCII);

  private LayerRepair() {}

  /**
   * Returns the damage in a home and how to repair it; empty if there is none. Nothing is written.
   *
   * @throws io.walstrata.layerstore.page.UnsupportedFormatException if a file is of another format
   *     version, which is no damage
   * @throws IOException if the home cannot be read
   */
  public static Optional<RepairPlan> plan(LayerHome home) throws IOException {
    return plan(home, new CheckedLayers());
  }

  /**
   * Returns the plan as {@link #plan(LayerHome)} does.
   *
   * @param checked remembers the home if there is no damage
   */
  public static Optional<RepairPlan> plan(LayerHome home, CheckedLayers checked)
      throws IOException {
    ManifestKeeper manifests = new ManifestKeeper(home);
    try {
      manifests.read();
    } catch (CorruptLayerException e) {
      return Optional.of(withoutManifest(home, e));
    }
    Manifest manifest = manifests.manifest();
    List<LayerDamage> damages = damages(home, manifest);
    if (damages.isEmpty()) {
      checked.add(home, manifest);
      return Optional.empty();
    }
    Set<LayerPath> damaged = new HashSet<>();
    damages.forEach(damage -> damaged.add(damage.layer()));
    long earliest =
        manifest.layers().stream()
            .filter(layer -> damaged.contains(layer.path()))
            .mapToLong(ManifestLayer::endOffset)
            .min()
            .orElseThrow();
    Manifest kept = manifest.before(earliest - 1);
    List<ManifestLayer> gone = new ArrayList<>(manifest.layers());
    gone.removeAll(kept.layers());
    gone.sort(Comparator.comparing(ManifestLayer::endOffset).reversed());
    long firstOffset = gone.stream().mapToLong(ManifestLayer::startOffset).min().orElseThrow();
    OptionalLong durable = kept.durableOffset();
    return Optional.of(
        RepairPlan.from(
            home.location(),
            damages,
            manifest.durableOffset(),
            durable.isPresent() ? durable.getAsLong() + 1 : firstOffset,
            gone.stream().map(ManifestLayer::path).toList()));
  }

  private static List<LayerDamage> damages(LayerHome home, Manifest manifest) throws IOException {
    Set<LayerPath> noted = home.damaged();
    LayerCache none = new LayerCache(/* maxBytes= */ 0, /* maxOpenFiles= */ 1, bytes -> {});
    List<ManifestLayer> layers = manifest.layers();
    Map<Integer, LayerDamage> damages = Collections.synchronizedMap(new TreeMap<>());
    ParallelLayers.forEach(
        layers.size(),
        number -> {
          LayerPath path = layers.get(number).path();
          String problem = null;
          try {
            // Files with a note too: one of another format version is not damaged.
            new DeltaLayer(home, layers.get(number), none).check();
          } catch (CorruptLayerException e) {
            problem = e.getMessage();
          }
          if (noted.contains(path)) {
            problem = home.readDamage(path).strip();
          }
          if (problem != null) {
            damages.put(number, new LayerDamage(path, problem));
          }
        });
    return List.copyOf(damages.values());
  }

  /**
   * Returns the plan without a manifest: it is unknown which layers existed and where the history
   * began, as the oldest ones may be gone too. So the whole log is needed.
   */
  private static RepairPlan withoutManifest(LayerHome home, CorruptLayerException damage)
      throws IOException {
    List<LayerPath> found = new ArrayList<>(home.list());
    ParallelLayers.forEach(found.size(), number -> checkVersion(home, found.get(number)));
    found.sort(
        Comparator.<LayerPath>comparingLong(path -> path.fileName().endOffset())
            .thenComparing(LayerPath::toString)
            .reversed());
    String problem =
        damage.getMessage() + "; without a manifest it is unknown where its history began";
    return RepairPlan.from(
        home.location(),
        List.of(new LayerDamage(null, problem)),
        found.isEmpty()
            ? OptionalLong.empty()
            : OptionalLong.of(found.get(0).fileName().endOffset() - 1),
        /* firstOffsetNeeded= */ 0,
        found);
  }

  /** Fails if a newer program wrote the file, which can read it: such a file is not set aside. */
  private static void checkVersion(LayerHome home, LayerPath path) throws IOException {
    try (LayerFileInput input = home.open(path)) {
      DeltaLayerReader.readFooter(input);
    } catch (CorruptLayerException e) {
      // The file is set aside with the others.
      LOG.debug("a layer file of a home without a manifest is damaged too: {}", e.getMessage());
    }
  }

  /**
   * Repairs a home as planned: claims it, sets files aside, and writes a manifest that ends before
   * them. After an {@link IOException}, plan again.
   *
   * @param plan from {@link #plan}
   * @return where the files are now, for messages
   * @throws io.walstrata.layerstore.home.HomeClaimedException if another owner has claimed the home
   * @throws IOException if the home has changed since the plan was made, and nothing is changed
   *     then; or if it cannot be written
   */
  public static String apply(LayerHome home, RepairPlan plan) throws IOException {
    Claim claim = home.claim();
    try {
      if (!plan(home).equals(Optional.of(plan))) {
        throw new IOException(
            "the home has changed since the plan was made; plan again: home=" + home.location());
      }
      String place = applyClaimed(home, plan);
      LOG.warn(
          "damaged layers were set aside; the log is read again: home={}, keptOffset={},"
              + " setAside={}, files={}, problems={}",
          home.location(),
          plan.keptOffset(),
          place,
          plan.setAside().size(),
          plan.problems());
      return place;
    } finally {
      claim.close();
    }
  }

  private static String applyClaimed(LayerHome home, RepairPlan plan) throws IOException {
    byte[] bytes = home.readManifest();
    if (bytes.length == 0) {
      // After the layers are moved too, nothing else would record that there were any.
      home.replaceManifest(bytes, UNFINISHED);
    }
    ManifestKeeper manifests = new ManifestKeeper(home);
    Manifest kept = manifests.readOrEmpty().before(plan.firstOffsetNeeded());
    Manifest next =
        kept.durableOffset().equals(plan.keptOffset())
            ? kept
            : kept.withFreeze(plan.keptOffset().orElseThrow(), Map.of(), List.of());
    Set<LayerPath> present = new HashSet<>(home.list());
    for (LayerDamage damage : plan.damages()) {
      LayerPath layer = damage.layer();
      if (layer != null && present.contains(layer)) {
        home.noteDamage(layer, damage.problem() + "\n");
      }
    }
    String place = home.setAside(plan.setAside(), why(plan));
    manifests.write(next.withEpoch(next.epoch() + 1));
    return place;
  }

  private static String why(RepairPlan plan) {
    StringBuilder text = new StringBuilder();
    text.append("Layer files and a copy of the manifest, set aside because of damage.\n")
        .append("Nothing reads them. What they held is read from the log again, from offset ")
        .append(plan.firstOffsetNeeded())
        .append(" on; when that is done, they may be deleted.\n");
    for (LayerDamage damage : plan.damages()) {
      text.append('\n').append(damage.problem()).append('\n');
    }
    return text.toString();
  }
}
