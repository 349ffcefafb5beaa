package io.walstrata.layerstore;

import io.walstrata.layerstore.home.LayerPath;
import java.util.List;
import java.util.OptionalLong;

/**
 * The damage in a partition's home, and its repair: layers from the earliest damaged one on are set
 * aside, and their part of the log is read again.
 *
 * @param location the home
 * @param damages what is wrong, at least one
 * @param coveredOffset the last log offset that the layers cover as they are, damaged ones
 *     included; empty if it is unknown or there is none
 * @param keptOffset the last log offset that they cover after the repair, the one before {@code
 *     firstOffsetNeeded}; empty if that is 0
 * @param firstOffsetNeeded the first log offset that must still be in the log, or the repair would
 *     leave a gap
 * @param setAside the layer files that are set aside, in this order; some may be missing
 */
public record RepairPlan(
    String location,
    List<LayerDamage> damages,
    OptionalLong coveredOffset,
    OptionalLong keptOffset,
    long firstOffsetNeeded,
    List<LayerPath> setAside) {
  public RepairPlan {
    damages = List.copyOf(damages);
    setAside = List.copyOf(setAside);
  }

  static RepairPlan from(
      String location,
      List<LayerDamage> damages,
      OptionalLong coveredOffset,
      long firstOffsetNeeded,
      List<LayerPath> setAside) {
    OptionalLong kept =
        firstOffsetNeeded == 0 ? OptionalLong.empty() : OptionalLong.of(firstOffsetNeeded - 1);
    return new RepairPlan(location, damages, coveredOffset, kept, firstOffsetNeeded, setAside);
  }

  /** Returns the problems in one line. */
  public String problems() {
    StringBuilder text = new StringBuilder();
    for (LayerDamage damage : damages) {
      text.append(text.isEmpty() ? "" : "; ").append(damage.problem());
    }
    return text.toString();
  }
}
