package io.walstrata.harness.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * What a peer's process is to do, as its arguments.
 *
 * @param system {@code ROCKSDB} or {@code VERSIONED}
 * @param guarantee value of {@code processing.guarantee}
 * @param isTransactional whether its stores are transactional
 * @param topic that it reads
 * @param valueBytes size of each value
 * @param keys number of keys
 * @param now versions of the topic when it is started: it reports when it has the last of them
 * @param next versions that it waits for after that
 * @param total the most versions that the topic will ever have
 */
record PeerJob(
    E2eSystem system,
    String guarantee,
    boolean isTransactional,
    String bootstrapServers,
    String registryUrl,
    String topic,
    int valueBytes,
    long keys,
    long now,
    long next,
    long total,
    String applicationId,
    Path stateDirectory) {

  List<String> arguments() {
    return List.of(
        system.name(),
        guarantee,
        Boolean.toString(isTransactional),
        bootstrapServers,
        registryUrl,
        topic,
        Integer.toString(valueBytes),
        Long.toString(keys),
        Long.toString(now),
        Long.toString(next),
        Long.toString(total),
        applicationId,
        stateDirectory.toString());
  }

  static PeerJob parse(String[] arguments) {
    return new PeerJob(
        E2eSystem.valueOf(arguments[0]),
        arguments[1],
        Boolean.parseBoolean(arguments[2]),
        arguments[3],
        arguments[4],
        arguments[5],
        Integer.parseInt(arguments[6]),
        Long.parseLong(arguments[7]),
        Long.parseLong(arguments[8]),
        Long.parseLong(arguments[9]),
        Long.parseLong(arguments[10]),
        arguments[11],
        Path.of(arguments[12]));
  }

  /** Returns the topic as it is with this many versions. */
  E2eTopic content(long versions) {
    E2eCell cell = new E2eCell(E2eCell.Message.BATCH, valueBytes);
    return new E2eTopic(topic, cell, versions, keys, bootstrapServers, registryUrl);
  }
}
