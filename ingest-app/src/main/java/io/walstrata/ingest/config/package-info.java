/**
 * The job's settings: names, defaults and checks, and what Kafka Streams and the registry's client
 * are given.
 */
@NullMarked
package io.walstrata.ingest.config;

import org.jspecify.annotations.NullMarked;
