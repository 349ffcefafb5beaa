package io.walstrata.schemas.serde;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes WAL messages in Confluent's framing; see {@link WalSerdeConfig} for its settings. The
 * registry is asked once per subject. Thread-safe once configured.
 *
 * <p>{@link #serialize} throws
 *
 * <ul>
 *   <li>{@link RegistryUnavailableException} when the registry is unavailable for longer than
 *       {@link WalSerdeConfig#MAX_BLOCK_MS}: the same call may succeed later;
 *   <li>{@link SchemaRefusedException} when the registry refuses, or lacks, the schema;
 *   <li>{@link SerializationException} when the record is not a WAL message, or not complete.
 * </ul>
 */
public final class WalSerializer implements Serializer<SpecificRecord> {
  private record Subject(String topic, WalMessageType type) {}

  private final ConcurrentHashMap<Subject, MessageWriter> writers = new ConcurrentHashMap<>();
  private @Nullable Connection connection;

  /** Returns a serializer that Kafka will {@link #configure}. */
  public WalSerializer() {}

  /** Returns a configured serializer. */
  public WalSerializer(Map<String, ?> settings) {
    configure(settings, /* isKey= */ false);
  }

  /**
   * Makes the registry client; the registry is not contacted yet.
   *
   * @throws ConfigException if a setting is missing or wrong, or this is to be a key's serializer:
   *     the key of a WAL topic is the raw routing key
   */
  @Override
  public void configure(Map<String, ?> settings, boolean isKey) {
    Connection.requireValue(isKey);
    WalSerdeConfig config = new WalSerdeConfig(settings);
    if (config.getBoolean(WalSerdeConfig.USE_LATEST)
        && config.getBoolean(WalSerdeConfig.AUTO_REGISTER)) {
      throw new ConfigException(
          WalSerdeConfig.USE_LATEST, true, "needs " + WalSerdeConfig.AUTO_REGISTER + "=false");
    }
    connection = Connection.open(config);
  }

  @Override
  public byte @Nullable [] serialize(String topic, @Nullable SpecificRecord message) {
    if (message == null) {
      return null;
    }
    return write(topic, message);
  }

  /** Returns a message's bytes as {@link #serialize} does, never null. */
  public byte[] write(String topic, SpecificRecord message) {
    WalMessageType type =
        WalMessageType.of(message)
            .orElseThrow(
                () ->
                    new SerializationException(
                        "not a WAL message: record=" + message.getSchema().getFullName()));
    Subject subject = new Subject(topic, type);
    MessageWriter writer = writers.get(subject);
    if (writer == null) {
      writer = lookUp(subject);
      writers.put(subject, writer);
    }
    try {
      return writer.write(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (AvroRuntimeException | NullPointerException | ClassCastException e) {
      throw new SerializationException(
          "message cannot be written: topic=" + topic + ", record=" + type.recordName(), e);
    }
  }

  private MessageWriter lookUp(Subject subject) {
    Connection open = Connection.require(connection);
    WalSerdeConfig config = open.config();
    SchemaRegistry registry = open.registry();
    Schema schema = subject.type().schema();
    String text = schema.toString();
    String name = config.subjectNameStrategy().subject(subject.topic(), subject.type());
    return open.retry()
        .call(
            open.maxWait(),
            () -> {
              if (config.getBoolean(WalSerdeConfig.AUTO_REGISTER)) {
                return MessageWriter.of(subject.type(), registry.register(name, text));
              }
              if (config.getBoolean(WalSerdeConfig.USE_LATEST)) {
                return MessageWriter.of(subject.type(), registry.latest(name));
              }
              return MessageWriter.of(subject.type(), registry.idOf(name, text));
            });
  }

  @Override
  public void close() {
    Connection open = connection;
    if (open != null) {
      open.close();
    }
  }
}
