/**
 * The job: its settings ({@link io.walstrata.ingest.IngestConfig}), its topology ({@link
 * io.walstrata.ingest.IngestTopology}) and its life ({@link io.walstrata.ingest.IngestJob}).
 */
@NullMarked
package io.walstrata.ingest;

import org.jspecify.annotations.NullMarked;
