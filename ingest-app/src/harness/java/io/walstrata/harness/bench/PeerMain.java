package io.walstrata.harness.bench;

import io.walstrata.ingest.avro.AvroWalDecoders;
import io.walstrata.ingest.avro.DecodeRules;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.query.VersionedKeyQuery;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.jspecify.annotations.Nullable;

/**
 * A job with a store of Kafka Streams, as a process that can be killed. It prints how many records
 * it restores, and when it first has the last version of its topic.
 */
public final class PeerMain {
  private static final long POLL_MS = 5;

  private PeerMain() {}

  /**
   * Runs until the process is killed.
   *
   * @param args of a {@link PeerJob}
   */
  @SuppressWarnings("SystemOut") // Standard output is read by the process that started this one.
  public static void main(String[] args) throws InterruptedException {
    PeerJob job = PeerJob.parse(args);
    AvroWalDecoders decoders =
        AvroWalDecoders.open(Map.of("schema.registry.url", job.registryUrl()), DecodeRules.NONE);
    // The versioned store's retention must stay as it is over all starts.
    PeerTopology topology =
        new PeerTopology(job.system(), decoders, job.content(job.total()).lastLsn());
    KafkaStreams streams = new KafkaStreams(topology.build(job.topic()), settings(job));
    streams.setGlobalStateRestoreListener(new Restored());
    streams.start();
    await(job.system(), streams, job.content(job.now()));
    System.out.println("ANSWER epochMs=" + System.currentTimeMillis());
    await(job.system(), streams, job.content(job.next()));
    System.out.println("WRITTEN epochMs=" + System.currentTimeMillis());
    Thread.currentThread().join();
  }

  private static void await(E2eSystem system, KafkaStreams streams, E2eTopic topic)
      throws InterruptedException {
    while (!Arrays.equals(read(system, streams, topic), topic.lastValue())) {
      Thread.sleep(POLL_MS);
    }
  }

  private static Properties settings(PeerJob job) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, job.guarantee());
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.bootstrapServers());
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.applicationId());
    settings.put(StreamsConfig.STATE_DIR_CONFIG, job.stateDirectory().toString());
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    // As the job has them: what is compared is the store, not the wait for the group.
    settings.put(StreamsConfig.mainConsumerPrefix("group.instance.id"), "peer");
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), "10000");
    if (job.isTransactional()) {
      settings.put(StreamsConfig.TRANSACTIONAL_STATE_STORES_CONFIG, "true");
    }
    if (job.guarantee().equals(StreamsConfig.AT_LEAST_ONCE)) {
      // Or nothing would be committed in the short life that it has.
      settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, "1000");
    }
    return settings;
  }

  private static byte @Nullable [] read(E2eSystem system, KafkaStreams streams, E2eTopic topic) {
    try {
      return system == E2eSystem.VERSIONED ? readVersioned(streams, topic) : read(streams, topic);
    } catch (InvalidStateStoreException e) {
      return null;
    }
  }

  /**
   * Not by a {@code KeyQuery}: with Kafka Streams 4.3.1 it and a put lock the store and its
   * position in different orders, and both stand still for ever.
   */
  private static byte @Nullable [] read(KafkaStreams streams, E2eTopic topic) {
    ReadOnlyKeyValueStore<Bytes, byte[]> store =
        streams.store(
            StoreQueryParameters.fromNameAndType(
                    PeerTopology.STORE, QueryableStoreTypes.<Bytes, byte[]>keyValueStore())
                .enableStaleStores());
    return store.get(PeerTopology.key(topic.lastKey(), topic.lastLsn()));
  }

  private static byte @Nullable [] readVersioned(KafkaStreams streams, E2eTopic topic) {
    VersionedKeyQuery<Bytes, byte[]> query =
        VersionedKeyQuery.<Bytes, byte[]>withKey(Bytes.wrap(topic.lastKey().toBytes()))
            .asOf(Instant.ofEpochMilli(topic.lastLsn().value()));
    QueryResult<VersionedRecord<byte[]>> result =
        streams
            .query(StateQueryRequest.inStore(PeerTopology.STORE).withQuery(query))
            .getPartitionResults()
            .get(0);
    if (result == null || result.isFailure()) {
      return null;
    }
    VersionedRecord<byte[]> found = result.getResult();
    return found == null ? null : found.value();
  }

  @SuppressWarnings("SystemOut")
  private static final class Restored implements StateRestoreListener {
    @Override
    public void onRestoreStart(TopicPartition partition, String store, long start, long end) {
      System.out.println("RESTORING from=" + start + " to=" + end);
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long end, long records) {
      // Reported at the end.
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long records) {
      System.out.println("RESTORED records=" + records);
    }
  }
}
