package io.walstrata.ingest.avro;

import io.walstrata.layerstore.streams.BadRecordException;
import io.walstrata.layerstore.streams.RawRecord;
import io.walstrata.layerstore.streams.WalDecoder;
import io.walstrata.layerstore.streams.WalSink;
import io.walstrata.schemas.serde.ReadingStoppedException;
import io.walstrata.schemas.serde.RegistryUnavailableException;
import java.util.function.BooleanSupplier;
import org.slf4j.MDC;

/**
 * A decoder that keeps the log quiet when the job is asked to stop while it waits for the registry
 * or reads a long message. It throws then, and Kafka Streams logs that several times, with the
 * stack, as if the thread had failed: so the thread is marked, and the configuration of the log
 * discards what a marked thread logs.
 */
public final class QuietStop implements WalDecoder {
  /** The mark, in {@code log4j2.properties} too. */
  static final String MARK = "walstrata.stopping";

  private final WalDecoder decoder;
  private final BooleanSupplier isStopping;

  public QuietStop(WalDecoder decoder, BooleanSupplier isStopping) {
    this.decoder = decoder;
    this.isStopping = isStopping;
  }

  @Override
  public void decode(RawRecord record, WalSink sink) throws BadRecordException {
    try {
      decoder.decode(record, sink);
    } catch (RegistryUnavailableException | ReadingStoppedException e) {
      if (isStopping.getAsBoolean()) {
        MDC.put(MARK, "true");
      }
      throw e;
    }
  }

  @Override
  public void close() {
    decoder.close();
  }
}
