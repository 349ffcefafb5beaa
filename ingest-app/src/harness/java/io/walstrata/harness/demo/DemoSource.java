package io.walstrata.harness.demo;

import io.walstrata.ingest.produce.ProducerHandle;
import io.walstrata.layerstore.page.Lsn;
import io.walstrata.layerstore.page.TimelineId;

/** Where the demo's WAL comes from. */
interface DemoSource {
  /**
   * Starts what the WAL comes from.
   *
   * @return what it is, in words
   */
  String startServer();

  /** Returns the timeline that the producer writes; only once {@link #startServer} was called. */
  TimelineId timeline();

  /** Starts to write WAL into the topic. */
  ProducerHandle startProducer(String topic, String bootstrapServers, String registryUrl);

  /** Returns what the producer does, in words. */
  String producing();

  /**
   * Makes load until done, and reports each step.
   *
   * @return the page that can be read then, and its moments
   */
  DemoStory run(ProducerHandle producer, Steps steps) throws Exception;

  /** Takes the steps of the load. */
  interface Steps {
    /** A part of a step is done. */
    void progress(String step, long done, long total);

    /** A step is done, and the WAL is at this LSN. */
    void done(String step, Lsn lsn);
  }
}
