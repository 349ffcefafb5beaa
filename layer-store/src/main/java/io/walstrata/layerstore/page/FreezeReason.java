package io.walstrata.layerstore.page;

import java.util.Locale;

/**
 * Why layers were frozen where they were. The ids are in manifests and the names in answers, and
 * never change.
 */
public enum FreezeReason {
  /** The freeze policy said so: the same log gives the same freeze point, whoever reads it. */
  POLICY(0),
  /** Layers in memory had outgrown their budget, or their values the file that they go to. */
  MEMORY(1),
  /** No record came for some time. */
  IDLE(2);

  private final int id;

  FreezeReason(int id) {
    this.id = id;
  }

  /** Returns the id in manifests. */
  public int id() {
    return id;
  }

  /** Returns the name in answers, such as {@code policy}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the reason with this id.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static FreezeReason of(int id) {
    return switch (id) {
      case 0 -> POLICY;
      case 1 -> MEMORY;
      case 2 -> IDLE;
      default -> throw new IllegalArgumentException("no such freeze reason: id=" + id);
    };
  }
}
