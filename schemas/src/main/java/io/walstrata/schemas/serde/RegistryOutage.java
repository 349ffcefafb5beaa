package io.walstrata.schemas.serde;

import java.time.Instant;

/**
 * That the registry is not available, for health reports.
 *
 * @param since when the first attempt failed
 * @param attempts how many have failed since
 * @param lastError what the last one said
 */
public record RegistryOutage(Instant since, long attempts, String lastError) {
  @Override
  public String toString() {
    return "registry unavailable since " + since + ", attempts=" + attempts + ": " + lastError;
  }
}
