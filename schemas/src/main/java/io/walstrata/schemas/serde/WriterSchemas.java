package io.walstrata.schemas.serde;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The schemas that messages name, by id: asked of the registry once and kept, as an id always means
 * the same schema. Waits for a registry that is away. Thread-safe; {@link #close} ends all waiting.
 */
public final class WriterSchemas implements AutoCloseable {
  /*
   * What is kept: a schema, and that a schema is not ours, for good; that the registry does not
   * know an id, only for a moment, since it may learn it. That a registry is away is not kept.
   *
   * A registry of several nodes answers from each node's own copy, and the producer's registration
   * may not have come to the one that is asked: so "unknown" can be given time, by the caller, who
   * knows how old the message is.
   */
  private static final Duration UNKNOWN_KEPT = Duration.ofSeconds(5);
  private static final int MOST_UNKNOWN = 1000;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /**
   * @param isWaitedFor whether it was given its time: it is not given it again for every message
   */
  private record Unknown(long atNanos, UnknownSchemaIdException failure, boolean isWaitedFor) {}

  private final SchemaRegistry registry;
  private final RegistryRetry retry;
  private final Duration maxWait;
  private final Duration unknownKept;
  private final ConcurrentHashMap<Integer, WriterSchema> schemas = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Integer, BadMessageException> notOurs = new ConcurrentHashMap<>();

  /** Guarded by itself; the oldest goes first. */
  private final Map<Integer, Unknown> unknown =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, Unknown> eldest) {
          return size() > MOST_UNKNOWN;
        }
      };

  /**
   * Returns an empty cache in front of a registry, which stays the caller's to close.
   *
   * @param maxWait how long a call waits for a registry that is away; {@link RegistryRetry#FOREVER}
   *     if without end
   */
  public WriterSchemas(SchemaRegistry registry, RegistryRetry retry, Duration maxWait) {
    this(registry, retry, maxWait, UNKNOWN_KEPT);
  }

  WriterSchemas(
      SchemaRegistry registry, RegistryRetry retry, Duration maxWait, Duration unknownKept) {
    this.registry = registry;
    this.retry = retry;
    this.maxWait = maxWait;
    this.unknownKept = unknownKept;
  }

  /**
   * Returns the schema of a framed message.
   *
   * @throws MalformedMessageException if the message is not framed
   * @throws UnknownSchemaIdException if the registry says that it has no such schema
   * @throws ForeignSchemaException if it is not the schema of a WAL message
   * @throws IncompatibleSchemaException if it cannot be resolved to ours
   * @throws RegistryUnavailableException if the registry is away for longer than is waited
   * @throws org.apache.kafka.common.errors.InterruptException if interrupted while waiting
   */
  public WriterSchema of(byte[] message) {
    return byId(WireFormat.schemaId(message));
  }

  /**
   * Returns the schema of a framed message as {@link #of(byte[])} does, but asks for an id that the
   * registry does not know again and again.
   *
   * @param patience how long; zero or less for asking once
   * @throws RegistryUnavailableException also if this is closed before the patience is over: there
   *     is no verdict then
   */
  public WriterSchema of(byte[] message, Duration patience) {
    int id = WireFormat.schemaId(message);
    WriterSchema known = known(message);
    if (known != null) {
      return known;
    }
    UnknownSchemaIdException waitedFor = recentlyUnknown(id, /* waitedFor= */ true);
    if (waitedFor != null) {
      throw waitedFor;
    }
    long start = System.nanoTime();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return byId(id);
      } catch (UnknownSchemaIdException e) {
        Duration left = patience.minusNanos(System.nanoTime() - start);
        if (left.isNegative() || left.isZero()) {
          if (patience.compareTo(Duration.ZERO) > 0) {
            remember(id, e, /* isWaitedFor= */ true);
          }
          throw e;
        }
        if (!retry.pause(left.compareTo(pause) < 0 ? left : pause)) {
          throw new RegistryUnavailableException("closed while waiting for schema id " + id, e);
        }
        forgetUnknown(id);
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
      }
    }
  }

  /**
   * Returns the schema of a framed message if it has been asked for before, without asking; else
   * null.
   */
  public @Nullable WriterSchema known(byte[] message) {
    return schemas.get(WireFormat.schemaId(message));
  }

  private void forgetUnknown(int id) {
    synchronized (unknown) {
      unknown.remove(id);
    }
  }

  /** Returns the schema with an id; see {@link #of}. */
  public WriterSchema byId(int id) {
    WriterSchema schema = schemas.get(id);
    if (schema != null) {
      return schema;
    }
    BadMessageException failure = notOurs.get(id);
    if (failure == null) {
      failure = recentlyUnknown(id, /* waitedFor= */ false);
    }
    if (failure != null) {
      throw failure;
    }
    return resolve(ask(id));
  }

  private RegisteredSchema ask(int id) {
    try {
      return retry.call(maxWait, () -> registry.byId(id));
    } catch (UnknownSchemaIdException e) {
      remember(id, e, /* isWaitedFor= */ false);
      throw e;
    }
  }

  private void remember(int id, UnknownSchemaIdException failure, boolean isWaitedFor) {
    synchronized (unknown) {
      unknown.remove(id);
      unknown.put(id, new Unknown(System.nanoTime(), failure, isWaitedFor));
    }
  }

  private WriterSchema resolve(RegisteredSchema registered) {
    try {
      WriterSchema schema = WriterSchema.of(registered);
      schemas.put(registered.id(), schema);
      return schema;
    } catch (BadMessageException e) {
      notOurs.put(registered.id(), e);
      throw e;
    }
  }

  /**
   * @param waitedFor whether only one counts that was given its time
   */
  private @Nullable UnknownSchemaIdException recentlyUnknown(int id, boolean waitedFor) {
    synchronized (unknown) {
      Unknown last = unknown.get(id);
      return last == null
              || (waitedFor && !last.isWaitedFor())
              || System.nanoTime() - last.atNanos() >= unknownKept.toNanos()
          ? null
          : last.failure();
    }
  }

  /** Returns since when and why the registry is away; empty when it answered last time. */
  public Optional<RegistryOutage> outage() {
    return retry.outage();
  }

  /** Ends the waiting of all threads with the failure that they wait on. */
  @Override
  public void close() {
    retry.close();
  }
}
