package io.walstrata.layerstore;

import java.util.Locale;

/**
 * The reason for a freeze point. The ids are in manifests and the names in HTTP answers; neither
 * ever changes.
 */
public enum FreezeReason {
  /** The freeze policy: every process that reads the same log has the same freeze point. */
  POLICY(0),
  /** Layers in memory exceeded their budget, or their values the bound of the ephemeral file. */
  MEMORY(1),
  /** No record arrived for some time. */
  IDLE(2);

  private final int id;

  FreezeReason(int id) {
    this.id = id;
  }

  /** Returns the id in manifests. */
  public int id() {
    return id;
  }

  /** Returns the name in HTTP answers, such as {@code policy}. */
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
