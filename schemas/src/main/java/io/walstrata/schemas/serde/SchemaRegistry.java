package io.walstrata.schemas.serde;

import java.io.Closeable;
import java.io.IOException;

/**
 * The schema registry, as reading and writing need it. Each call asks the registry, or a cache of
 * what never changes; a failure is never cached. Thread-safe.
 *
 * <p>Every method throws {@link RegistryUnavailableException} when there is no usable answer.
 */
public interface SchemaRegistry extends Closeable {
  /**
   * Returns the schema with an id.
   *
   * @throws UnknownSchemaIdException if the registry answers that it has none
   * @throws ForeignSchemaException if it refers to schemas that the registry does not have
   */
  RegisteredSchema byId(int id);

  /**
   * Registers a schema under a subject, if it is not there yet, and returns its id.
   *
   * @throws SchemaRefusedException if the registry refuses it
   */
  int register(String subject, String schema);

  /**
   * Returns the id of a schema that is registered under a subject.
   *
   * @throws SchemaRefusedException if it is not
   */
  int idOf(String subject, String schema);

  /**
   * Returns the newest schema of a subject.
   *
   * @throws SchemaRefusedException if there is none
   */
  RegisteredSchema latest(String subject);

  @Override
  void close() throws IOException;

  /**
   * Returns the configured registry. It is not contacted yet.
   *
   * @throws org.apache.kafka.common.config.ConfigException if the settings do not make a client
   */
  static SchemaRegistry open(WalSerdeConfig config) {
    return ConfluentSchemaRegistry.open(config);
  }
}
