/**
 * Servers that demo, soak, benchmarks and integration tests share: a Kafka broker, a schema
 * registry, a PostgreSQL and the job itself, each a child process on loopback that never outlives
 * its parent.
 */
@NullMarked
package io.walstrata.harness.servers;

import org.jspecify.annotations.NullMarked;
