package io.walstrata.harness.bench;

import java.util.Locale;

/** Who reads the topic. */
enum E2eSystem {
  /** A consumer that counts bytes and does nothing else, with Kafka's defaults. */
  CONSUMER,
  /** The same with the fetch settings of the job. */
  CONSUMER_AS_JOB,
  /** The job's topology. */
  WALSTRATA,
  /** Kafka Streams with its persistent key-value store; key and LSN are the key. */
  ROCKSDB,
  /** Kafka Streams with its persistent versioned store; the LSN is the timestamp. */
  VERSIONED;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
