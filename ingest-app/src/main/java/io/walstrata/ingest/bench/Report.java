package io.walstrata.ingest.bench;

import java.util.Map;

/**
 * What a benchmark has found.
 *
 * @param facts what the numbers depend on: machine, JVM, commit, parameters; in order
 * @param results medians and spreads, a row per cell
 * @param samples what they were made of, a row per run
 */
public record Report(Map<String, String> facts, ResultTable results, ResultTable samples) {}
