/**
 * {@code walstrata bench}: measures the storage engine alone, beside stores of Kafka Streams and
 * fed by a broker, and how fast a killed job resumes. What is measured and why is in {@code
 * layer-store/docs/benchmarks.md} and {@code ingest-app/docs/benchmarks.md}.
 */
@NullMarked
package io.walstrata.harness.bench;

import org.jspecify.annotations.NullMarked;
