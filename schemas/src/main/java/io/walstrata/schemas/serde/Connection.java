package io.walstrata.schemas.serde;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** The registry client of a serializer or deserializer that is configured. */
record Connection(WalSerdeConfig config, SchemaRegistry registry, RegistryRetry retry) {
  static Connection open(WalSerdeConfig config) {
    return new Connection(config, SchemaRegistry.open(config), config.retry());
  }

  /** Returns how long a call waits for a registry that is unavailable. */
  Duration maxWait() {
    return Duration.ofMillis(config.getLong(WalSerdeConfig.MAX_BLOCK_MS));
  }

  static Connection require(@Nullable Connection connection) {
    if (connection == null) {
      throw new IllegalStateException("configure() was not called");
    }
    return connection;
  }

  static void requireValue(boolean isKey) {
    if (isKey) {
      throw new ConfigException(
          "the serde of WAL messages is for values; the key of a WAL topic is the raw routing key,"
              + " written by a ByteArraySerializer");
    }
  }

  void close() {
    retry.close();
    try {
      registry.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot close the schema registry client", e);
    }
  }
}
