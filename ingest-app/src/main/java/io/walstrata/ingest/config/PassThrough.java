package io.walstrata.ingest.config;

import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the names of settings that are handed on. */
final class PassThrough {
  private static final Logger LOG = LoggerFactory.getLogger(PassThrough.class);

  /** How many wrong letters are taken for a slip rather than for another name. */
  private static final int SLIP = 2;

  private PassThrough() {}

  /**
   * Returns what is wrong with a name. Names that nobody knows are only warned of: interceptors and
   * login modules may read them. One that is nearly a known name is taken for a mistake.
   *
   * @param full the name with all prefixes
   * @param bare the name as the receiver knows it
   */
  static Optional<String> fault(String full, String bare, Set<String> known) {
    if (known.contains(bare)) {
      return Optional.empty();
    }
    Optional<String> near =
        known.stream()
            .filter(name -> NearestName.distance(name, bare) <= SLIP)
            .min(Comparator.comparingInt(name -> NearestName.distance(name, bare)));
    if (near.isEmpty()) {
      LOG.warn("not a known setting, handed on as it is: name={}", full);
    }
    String prefixes = full.substring(0, full.length() - bare.length());
    return near.map(
        name -> "unknown setting: name=" + full + ", did you mean " + prefixes + name + "?");
  }
}
