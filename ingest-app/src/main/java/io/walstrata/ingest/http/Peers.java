package io.walstrata.ingest.http;

import io.walstrata.layerstore.ReadAnswer;
import java.util.List;

/** Gives the other instances of the job. Called by many threads at once; must not block. */
@FunctionalInterface
public interface Peers {
  /** Only this instance, which has every partition. */
  Peers NONE =
      () -> new ReadAnswer.Found<>(new View(List.of(), List.of(), /* hasStandbys= */ false));

  /**
   * Returns the instances that the group knows at the moment; {@link ReadAnswer.NotReady} if the
   * job does not run.
   */
  ReadAnswer<View> view();

  /**
   * The other instances.
   *
   * @param others their addresses, {@code host:port}
   * @param missing the partitions that no instance is known to have; a timeline that is not found
   *     may be in one of them
   * @param hasStandbys whether some instance follows partitions of another one, and so may lag it
   */
  record View(List<String> others, List<String> missing, boolean hasStandbys) {
    public View {
      others = List.copyOf(others);
      missing = List.copyOf(missing);
    }
  }
}
