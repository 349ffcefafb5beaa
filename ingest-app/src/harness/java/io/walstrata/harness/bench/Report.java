package io.walstrata.harness.bench;

import java.util.List;
import java.util.Map;

/**
 * What a benchmark has found.
 *
 * @param facts what the numbers depend on: machine, JVM, commit, parameters; in order
 * @param results medians and spreads
 * @param samples what they were made of, a row per run
 */
public record Report(
    Map<String, String> facts, List<ResultTable> results, List<ResultTable> samples) {}
