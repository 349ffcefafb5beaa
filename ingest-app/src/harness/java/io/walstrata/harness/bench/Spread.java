package io.walstrata.harness.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Median, least and greatest of some measurements. */
record Spread(double median, double min, double max) {
  /**
   * @throws IllegalArgumentException if there are no samples
   */
  static <T> Spread of(List<T> samples, ToDoubleFunction<T> what) {
    double[] sorted = samples.stream().mapToDouble(what).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("nothing was measured");
    }
    return new Spread(median(sorted), sorted[0], sorted[sorted.length - 1]);
  }

  private static double median(double[] sorted) {
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
  }
}
