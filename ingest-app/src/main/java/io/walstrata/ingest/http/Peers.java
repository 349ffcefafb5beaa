package io.walstrata.ingest.http;

import java.util.List;

/** Where the other instances of the job listen. Called by many threads at once, and quick. */
@FunctionalInterface
public interface Peers {
  /** Only this instance, which has every partition. */
  Peers NONE = () -> new View(List.of(), List.of(), /* hasStandbys= */ false);

  /**
   * Returns the instances that the group knows at the moment.
   *
   * @throws NotReadyException if the job does not run
   */
  View view();

  /**
   * The other instances.
   *
   * @param others their addresses, {@code host:port}
   * @param missing the partitions that neither this nor another instance is known to have; what is
   *     found nowhere else may be there
   * @param hasStandbys whether some instance follows partitions of another one, and so may be
   *     behind it
   */
  record View(List<String> others, List<String> missing, boolean hasStandbys) {
    public View {
      others = List.copyOf(others);
      missing = List.copyOf(missing);
    }
  }
}
