/**
 * The demo, and the servers that the demo and the integration tests share: a Kafka broker, a schema
 * registry and a PostgreSQL, each a child process on loopback that never outlives its parent.
 */
@NullMarked
package io.walstrata.ingest.demo;

import org.jspecify.annotations.NullMarked;
