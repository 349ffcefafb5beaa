package io.walstrata.schemas.serde;

import java.time.Instant;

/**
 * A time in which the registry is unavailable, for health reports.
 *
 * @param since when the first attempt failed
 * @param attempts how many have failed since, that one included
 * @param lastError the message of the last failure
 */
public record RegistryOutage(Instant since, long attempts, String lastError) {
  @Override
  public String toString() {
    return "registry unavailable since " + since + ", attempts=" + attempts + ": " + lastError;
  }
}
