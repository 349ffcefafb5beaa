package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Returns the schemas that messages name by id: the registry is asked once for each, because an id
 * always means the same schema. Waits for a registry that is unavailable. Thread-safe; {@link
 * #close} ends all waiting, and the reading of long messages.
 */
public final class WriterSchemas implements AutoCloseable {
  /*
   * A schema, and that a schema is not ours, are kept as long as there is room; that the registry
   * does not know an id is kept only for a moment, because it may learn the id. That the registry is
   * unavailable is not kept.
   *
   * A registry of several nodes answers from each node's own copy, and the producer's registration
   * may not have reached the node that is asked. So the caller, which knows how old the message is,
   * may have an unknown id asked for again. But a message states its own age, and ids can be
   * invented without end: so an id is waited for once, and all ids together for a share of the time.
   */
  private static final Duration UNKNOWN_KEPT = Duration.ofSeconds(5);
  private static final Duration MAX_UNKNOWN_WAIT = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final SchemaRegistry registry;
  private final RegistryRetry retry;
  private final Duration maxWait;
  private final SchemaCache cache = new SchemaCache();
  private final UnknownIds unknown;
  private final WaitBudget waits;

  /**
   * Returns an empty cache in front of a registry, which the caller closes. Unknown ids are waited
   * for as with {@link #waitingAtMost} and a minute.
   *
   * @param maxWait how long a call waits for a registry that is unavailable; {@link
   *     RegistryRetry#FOREVER} for no limit
   */
  public WriterSchemas(SchemaRegistry registry, RegistryRetry retry, Duration maxWait) {
    this(registry, retry, maxWait, UNKNOWN_KEPT);
  }

  WriterSchemas(
      SchemaRegistry registry, RegistryRetry retry, Duration maxWait, Duration unknownKept) {
    this(
        registry,
        retry,
        maxWait,
        new WaitBudget(MAX_UNKNOWN_WAIT, System::nanoTime),
        new UnknownIds(unknownKept));
  }

  /**
   * Returns an empty cache in front of a registry, as the constructor does.
   *
   * @param maxUnknownWait how long all calls together wait at once for ids that the registry does
   *     not know; time that was used is available again after ten times as long
   */
  public static WriterSchemas waitingAtMost(
      Duration maxUnknownWait, SchemaRegistry registry, RegistryRetry retry, Duration maxWait) {
    return new WriterSchemas(
        registry,
        retry,
        maxWait,
        new WaitBudget(maxUnknownWait, System::nanoTime),
        new UnknownIds(UNKNOWN_KEPT));
  }

  WriterSchemas(
      SchemaRegistry registry,
      RegistryRetry retry,
      Duration maxWait,
      WaitBudget waits,
      UnknownIds unknown) {
    this.registry = registry;
    this.retry = retry;
    this.maxWait = maxWait;
    this.waits = waits;
    this.unknown = unknown;
  }

  /**
   * Returns the schema of a framed message.
   *
   * @throws MalformedMessageException if the message is not framed
   * @throws UnknownSchemaIdException if the registry answers that it has no such schema
   * @throws ForeignSchemaException if it is not the schema of a WAL message
   * @throws IncompatibleSchemaException if it cannot be resolved to ours
   * @throws RegistryUnavailableException if the registry is unavailable for too long
   * @throws org.apache.kafka.common.errors.InterruptException if interrupted while waiting
   */
  public WriterSchema of(byte[] message) {
    return byId(WireFormat.schemaId(message));
  }

  /**
   * Returns the schema of a framed message as {@link #of(byte[])} does, but asks again for an id
   * that the registry does not know.
   *
   * @param patience for how long; zero or less to ask once. The time that the id was waited for
   *     before counts, and all ids together are waited for no longer than the constructor allows
   * @throws RegistryUnavailableException also if this is closed before the patience is over: the
   *     message is not known to be bad then
   */
  public WriterSchema of(byte[] message, Duration patience) {
    int id = WireFormat.schemaId(message);
    try {
      return byId(id);
    } catch (UnknownSchemaIdException e) {
      if (id < 0 || patience.isNegative() || patience.isZero()) {
        throw e;
      }
      return await(id, patience, e);
    }
  }

  private WriterSchema await(int id, Duration patience, UnknownSchemaIdException first) {
    long start = System.nanoTime();
    long mayWait = WaitBudget.nanos(patience) - unknown.waitedNanos(id);
    UnknownSchemaIdException last = first;
    RegistryRetry.Pauses pauses = retry.new Pauses(FIRST_PAUSE, LONGEST_PAUSE);
    waits.begin();
    try {
      while (true) {
        long waited = System.nanoTime() - start;
        long left = Math.min(mayWait - waited, waits.leftNanos());
        if (left <= 0) {
          unknown.waited(id, waited);
          throw last;
        }
        if (!pauses.await(left)) {
          throw new RegistryUnavailableException("closed while waiting for schema id " + id, last);
        }
        try {
          return resolve(ask(id));
        } catch (UnknownSchemaIdException e) {
          last = e;
        }
      }
    } finally {
      waits.end();
    }
  }

  /**
   * Returns the schema of a framed message if it is kept, without asking the registry; else null.
   */
  public @Nullable WriterSchema known(byte[] message) {
    return cache.get(WireFormat.schemaId(message));
  }

  /** Returns the schema with an id; see {@link #of}. */
  public WriterSchema byId(int id) {
    WriterSchema schema = cache.get(id);
    if (schema != null) {
      return schema;
    }
    if (id < 0) {
      throw new UnknownSchemaIdException(id, "not asked, ids are not negative");
    }
    cache.checkRefused(id);
    unknown.check(id);
    return resolve(ask(id));
  }

  private RegisteredSchema ask(int id) {
    try {
      return retry.call(maxWait, () -> registry.byId(id));
    } catch (UnknownSchemaIdException e) {
      unknown.add(id, e);
      throw e;
    } catch (ForeignSchemaException e) {
      unknown.add(id, e);
      throw e;
    }
  }

  private WriterSchema resolve(RegisteredSchema registered) {
    unknown.remove(registered.id());
    try {
      WriterSchema schema = WriterSchema.of(registered, retry::isClosed);
      cache.add(registered, schema);
      return schema;
    } catch (BadMessageException e) {
      cache.refuse(registered.id(), e);
      throw e;
    }
  }

  /** Returns since when and why the registry is unavailable; empty if it answered the last call. */
  public Optional<RegistryOutage> outage() {
    return retry.outage();
  }

  /** Ends all waiting: each call throws the failure that it waits on. */
  @Override
  public void close() {
    retry.close();
  }
}
